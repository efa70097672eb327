import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FileArtifactStore, Staging, type Digest } from '@switchyard/artifacts';
import { auditSchema } from '@switchyard/audit';
import { RegisterPlugin } from '@switchyard/contracts';
import { eventsSchema } from '@switchyard/events';
import type { EdgeCall } from '@switchyard/service';
import { createTestDatabase } from '@switchyard/testing';
import { create } from 'tar';
import { PluginsController } from '../../plugins/plugins.controller.js';
import { registerPlugin } from '../../plugins/register-plugin.js';
import { KnownPublishers } from '../../publishers/known-publishers.js';
import type { RegistryOptions } from '../../registry-options.js';
import { registrySchema } from '../../schema.js';
import { CatalogueReader } from '../../sight/catalogue-reader.js';
import { VersionsController } from '../../versions/versions.controller.js';
import { collectBlobs } from '../collect-blobs.js';
import { releasePins, takePin } from '../pins.js';
import { uploadArtifact } from '../upload-artifact.js';

export interface Bytes {
  bytes: Buffer;
  digest: Digest;
}

const call: EdgeCall = {
  identity: {
    subject: 'usr_admin',
    username: 'admin',
    kind: 'user',
    role: 'PlatformAdmin',
    tenant: null,
    publishers: [],
    tokenId: 'token',
    issuedAt: 0,
    expiresAt: 4_000_000_000,
  },
  trace: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), sampled: false },
  address: '127.0.0.1',
};

const options: RegistryOptions = {
  clock: Date.now,
  approvalRequired: false,
  maxArtifactBytes: 1_000_000,
  maxUploads: 100,
  collectAfterMs: 0,
  housekeepingMs: 60_000,
  runtimes: {},
};

/** The artefact side of a registry on a database and a folder of its own, without HTTP. */
export async function aRegistry(connections = 5) {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const database = await createTestDatabase([eventsSchema, auditSchema, registrySchema]);
  const own = database.open('registry', connections);
  const store = new FileArtifactStore({ root: folder });
  const staging = new Staging({ folder: join(folder, 'staging') });
  const catalogue = new CatalogueReader(own);
  const nobody = new KnownPublishers(() => ({ at: undefined, stop: () => undefined }));
  const plugins = new PluginsController(own, catalogue, nobody);
  const versions = new VersionsController(own, catalogue, options);
  const input = (pluginId: string, version?: string, body?: object) =>
    ({ params: { pluginId, version }, body, call, setVersion: () => undefined }) as never;

  return {
    store,
    look: <Row extends Record<string, unknown>>(sql: string, values: unknown[] = []) =>
      database.look<Row>(sql, values),
    database: own,
    /** A plugin whose first version waits for these bytes. */
    register: (pluginId: string, { digest }: Bytes, changes: object = {}) =>
      own.withPlatform('register a plugin', (tx) =>
        registerPlugin(
          tx,
          call,
          RegisterPlugin.parse({
            pluginId,
            name: pluginId,
            category: 'Testing',
            publisher: 'Acme',
            version: {
              semanticVersion: '1.0.0',
              state: 'Stable',
              runtime: { type: 'NodeJs', version: '20' },
              checksum: digest,
              ...changes,
            },
          }),
        ),
      ),
    upload: (pluginId: string, { bytes }: Bytes, approvalRequired = false) =>
      uploadArtifact(
        { database: own, store, staging, options: { ...options, approvalRequired } },
        call,
        { pluginId, version: '1.0.0' },
        { file: Readable.from([bytes]), announcedBytes: bytes.length },
      ),
    delete: (pluginId: string) => plugins.delete(input(pluginId)),
    archive: (pluginId: string) => versions.archive(input(pluginId, '1.0.0')),
    recall: (pluginId: string) => versions.recall(input(pluginId, '1.0.0', { reason: 'it leaks' })),
    pin: (pluginId: string, holder: string) =>
      own.withPlatform('change a plugin', (tx) => takePin(tx, { pluginId, version: '1.0.0', holder })),
    release: (holder: string) => own.withPlatform('change a plugin', (tx) => releasePins(tx, holder)),
    collect: (graceMs = 0) => collectBlobs(own, store, graceMs),
    /** As if so much time had passed. */
    age: (hours: number) =>
      database.look(
        `UPDATE registry.blobs SET touched_at = touched_at - $1 * interval '1 hour', marked_at = marked_at - $1 * interval '1 hour'`,
        [hours],
      ),
    async kept(): Promise<string[]> {
      const found: string[] = [];
      for await (const { digest } of store.list()) found.push(digest);
      return found.sort();
    },
    known: async () =>
      (await database.look<{ digest: string }>('SELECT digest FROM registry.blobs ORDER BY digest')).map(
        ({ digest }) => digest,
      ),
    async close() {
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type ARegistry = Awaited<ReturnType<typeof aRegistry>>;

/** An artefact like no other. */
export async function someBytes(): Promise<Bytes> {
  const folder = await mkdtemp(join(tmpdir(), 'artefact-'));
  try {
    await mkdir(join(folder, 'package'));
    await writeFile(join(folder, 'package', 'salt.bin'), randomBytes(20_000));
    await create({ file: join(folder, 'a.tgz'), gzip: true, cwd: folder, portable: true }, ['package']);
    const bytes = await readFile(join(folder, 'a.tgz'));
    return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  } finally {
    await rm(folder, { recursive: true });
  }
}
