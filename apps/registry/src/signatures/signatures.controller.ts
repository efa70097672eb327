import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Controller, Inject } from '@nestjs/common';
import { routes, type Verification } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import {
  audited,
  Handles,
  identityOf,
  Input,
  type EdgeCall,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import type { z } from 'zod';
import { Artifacts } from '../artifacts/artifacts.js';
import { mustManage } from '../plugins/must-manage.js';
import { KnownPublishers, type PublisherKey } from '../publishers/known-publishers.js';
import { CatalogueReader, mustSee } from '../sight/catalogue-reader.js';
import { lockVersion, saveVersion, type VersionRow } from '../versions/version.store.js';
import { mustSeeVersion } from '../versions/must-see-version.js';
import { signatureIsGood } from './signature.js';
import { listSignatures, saveSignature, type SignatureRow } from './signature.store.js';

type Check = z.output<typeof Verification>['checks'][number];

@Controller()
export class SignaturesController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
    @Inject(KnownPublishers) private readonly publishers: KnownPublishers,
    @Inject(Artifacts) private readonly artifacts: Artifacts,
  ) {}

  @Handles(routes.signVersion)
  async sign(
    @Input() { params, body, call }: HandlerInput<typeof routes.signVersion>,
  ): HandlerOutput<typeof routes.signVersion> {
    await this.database.withPlatform('sign a version', async (tx) => {
      const plugin = await mustManage(tx, call, params.pluginId);
      const row = await lockVersion(tx, params.pluginId, params.version);
      if (!row) throw notFound('Version', `${params.pluginId}@${params.version}`);
      const keys = await this.publishers.keysOf(tx, plugin.publisher_id);
      mustBeGood(
        row,
        body,
        keys.find(({ keyId }) => keyId === body.keyId),
      );
      await saveSignature(tx, row, body.keyId, body.signature);
      if (!row.signed) await saveVersion(tx, row, { signed: true });
      await audited(tx, call, {
        tenant: null,
        action: 'version.signed',
        subject: `${params.pluginId}@${params.version}`,
        details: { keyId: body.keyId },
      });
    });
    return await this.verification(call, params);
  }

  @Handles(routes.verifyVersion)
  async verify(
    @Input() { params, call }: HandlerInput<typeof routes.verifyVersion>,
  ): HandlerOutput<typeof routes.verifyVersion> {
    return await this.verification(call, params);
  }

  private async verification(
    call: EdgeCall,
    named: { pluginId: string; version: string },
  ): Promise<z.output<typeof Verification>> {
    const { row, signatures, keys } = await this.catalogue.read(identityOf(call), async (sight) => {
      const row = await mustSeeVersion(sight, named);
      const plugin = await mustSee(sight, named.pluginId);
      return {
        row,
        signatures: await listSignatures(sight.tx, row),
        keys: await this.publishers.keysOf(sight.tx, plugin.publisher_id),
      };
    });
    const views = signatures.map((signature) => signatureView(row, signature, keys));
    const bytes = await this.bytesMatch(row);
    const good = views.filter(({ valid }) => valid).length;
    const checks: Check[] = [
      {
        check: 'signatures',
        outcome: views.length === 0 ? 'not-checked' : good > 0 ? 'passed' : 'failed',
        detail:
          views.length === 0
            ? 'the version has no signature'
            : `${good} of ${views.length} are good, of keys that the publisher has not revoked`,
      },
      bytes,
      {
        check: 'archive',
        outcome: row.artifact ? 'passed' : 'not-checked',
        detail: row.artifact
          ? `${row.artifact.entries} entries were looked at when it was uploaded`
          : 'nothing was uploaded',
      },
    ];
    return {
      pluginId: row.plugin_id,
      version: row.semantic_version,
      checksum: row.checksum,
      verified: good > 0 && bytes.outcome === 'passed',
      signatures: views,
      checks,
    };
  }

  /** Reads all of it again: what lies in the store may have rotted since. */
  private async bytesMatch(row: VersionRow): Promise<Check> {
    const check = 'bytes';
    if (!row.artifact)
      return {
        check,
        outcome: 'not-checked',
        detail: row.binary_url ? `they lie at ${row.binary_url}` : 'nothing was uploaded',
      };
    const digest = await this.digestInStore(row).catch((error: unknown) => {
      throw new AppError('SERVICE_UNAVAILABLE', 'The artefact store cannot be reached just now', {
        retryAfter: 2,
        cause: error,
      });
    });
    if (digest === undefined) return { check, outcome: 'failed', detail: 'they are not in the store' };
    return digest === row.checksum
      ? { check, outcome: 'passed', detail: `${row.artifact.size} bytes hash to the checksum` }
      : { check, outcome: 'failed', detail: 'they hash to something else than the checksum' };
  }

  private async digestInStore({ checksum }: VersionRow): Promise<string | undefined> {
    const stream = await this.artifacts.store.open(checksum);
    if (!stream) return undefined;
    const hash = createHash('sha256');
    await pipeline(stream, hash);
    return `sha256:${hash.digest('hex')}`;
  }
}

function mustBeGood(
  row: VersionRow,
  { keyId, signature }: { keyId: string; signature: string },
  key: PublisherKey | undefined,
): void {
  if (!key) throw notFound('Signing key', keyId);
  if (key.revokedAt !== null) throw conflict(`The key "${keyId}" was revoked at ${key.revokedAt}`);
  if (signatureIsGood(signedOf(row), signature, key.publicKey)) return;
  throw new AppError('VALIDATION_ERROR', 'The signature does not fit', {
    details: [
      {
        field: 'signature',
        message: `is not one of this key over "switchyard-artifact-v1\\n${row.plugin_id}\\n${row.semantic_version}\\n${row.checksum}\\n"`,
      },
    ],
  });
}

const signedOf = (row: VersionRow) => ({
  pluginId: row.plugin_id,
  version: row.semantic_version,
  checksum: row.checksum,
});

function signatureView(
  row: VersionRow,
  { key_id, signature, signed_at }: SignatureRow,
  keys: PublisherKey[],
) {
  const key = keys.find(({ keyId }) => keyId === key_id);
  const reason = !key
    ? 'the publisher has no such key'
    : key.revokedAt !== null
      ? `its key was revoked at ${key.revokedAt}`
      : signatureIsGood(signedOf(row), signature, key.publicKey)
        ? null
        : 'it does not fit the checksum';
  return { keyId: key_id, valid: reason === null, reason, signedAt: signed_at.toISOString() };
}
