import {
  currentSigningKey,
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  planKeyRotation,
  type KeyRotationPolicy,
  type RotatingKey,
  type SigningKey,
} from '@switchyard/auth';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import { feedPut, feedRemove } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import { open, seal } from '@switchyard/secrets';
import type { TenantsOptions } from '../tenants-options.js';
import {
  deleteSigningKey,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  markSigningKey,
  type SigningKeyRow,
} from './signing-key.store.js';

/** The public keys that verify user tokens: gateways follow it, and answer it as JWKS. */
export const signingKeyFeed = 'tenants.signing-keys';

const checkEveryMs = 30_000;

/** Keeps a key to sign with, and rotates it so that no verifier ever meets a key it has not seen. */
export class SigningKeys {
  private current: SigningKey | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: ServiceDatabase,
    private readonly options: TenantsOptions,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.rotate();
    this.timer = setInterval(() => {
      this.rotate().catch((error: unknown) =>
        this.logger.error({ err: error }, 'signing keys could not be checked'),
      );
    }, checkEveryMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The key that signs now. */
  signingKey(): SigningKey {
    if (!this.current)
      throw new AppError('SERVICE_UNAVAILABLE', 'There is no signing key yet', { retryAfter: 1 });
    return this.current;
  }

  /** Carries out what is due; the plan itself is pure and lies in libs/auth. */
  async rotate(): Promise<void> {
    const rows = await this.database.withPlatform('rotate signing keys', async (tx) => {
      for (let rows = await lockSigningKeys(tx); ; rows = await listSigningKeys(tx)) {
        const plan = planKeyRotation(rows.map(asRotating), this.options.clock(), this.policy());
        if (plan.action === 'wait') return rows;
        await this.carryOut(tx, plan);
        this.logger.info(
          { action: plan.action, kid: 'kid' in plan ? plan.kid : undefined },
          'signing key rotation',
        );
      }
    });
    const signing = currentSigningKey(rows.map((row) => ({ ...asRotating(row), row })));
    if (signing && signing.kid !== this.current?.kid) this.current = this.unseal(signing.row);
  }

  private async carryOut(
    tx: Transaction,
    plan: Exclude<ReturnType<typeof planKeyRotation>, { action: 'wait' }>,
  ): Promise<void> {
    const now = new Date(this.options.clock());
    if (plan.action === 'create') {
      const key = generateSigningKey(now.getTime());
      await insertSigningKey(tx, {
        kid: key.kid,
        private_key_sealed: seal(this.options.keyring, exportSigningKey(key), key.kid),
        public_jwk: key.publicJwk,
        created_at: now,
        activates_at: null,
        retires_at: null,
      });
      await feedPut(tx, signingKeyFeed, key.kid, key.publicJwk);
    } else if (plan.action === 'remove') {
      await deleteSigningKey(tx, plan.kid);
      await feedRemove(tx, signingKeyFeed, plan.kid);
    } else await markSigningKey(tx, plan.kid, plan.action === 'promote' ? 'activates_at' : 'retires_at', now);
  }

  private policy(): KeyRotationPolicy {
    return {
      rotateEvery: this.options.keyRotationMs,
      publishBefore: Math.min(3_600_000, this.options.keyRotationMs / 4),
      longestTokenLife: this.options.accessTokenSeconds * 1000,
      leeway: 2 * checkEveryMs + 60_000,
    };
  }

  private unseal(row: SigningKeyRow): SigningKey {
    const pem = open(this.options.keyring, row.private_key_sealed, row.kid).toString('utf8');
    return importSigningKey(pem, row.created_at.getTime());
  }
}

const asRotating = (row: SigningKeyRow): RotatingKey => ({
  kid: row.kid,
  createdAt: row.created_at.getTime(),
  activatesAt: row.activates_at?.getTime() ?? null,
  retiresAt: row.retires_at?.getTime() ?? null,
});
