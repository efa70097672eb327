import type { Keyring } from '@switchyard/secrets';

/** What the tenants service is told at its start; a class because it is its own injection token. */
export abstract class TenantsOptions {
  /** Epoch milliseconds. */
  abstract readonly clock: () => number;
  abstract readonly issuer: string;
  abstract readonly audience: string;
  abstract readonly accessTokenSeconds: number;
  abstract readonly refreshTokenSeconds: number;
  abstract readonly keyRotationMs: number;
  abstract readonly purgeAfterMs: number;
  abstract readonly housekeepingMs: number;
  /** Encrypts signing keys and secrets at rest. */
  abstract readonly keyring: Keyring;
  abstract readonly passwordCost: number;
  /** Where outside issuers may be asked without TLS. */
  abstract readonly outboundAllow: readonly string[];
  /** Made if nobody has the name yet. */
  abstract readonly firstAdmin: { username: string; password: string; demo: boolean } | undefined;
}
