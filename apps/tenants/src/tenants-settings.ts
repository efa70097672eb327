import type { Keyring } from '@switchyard/secrets';
import type { TenantsConfig } from './options.js';
import type { TenantsOptions } from './tenants-options.js';

/** What the service works with, from what it was configured with. */
export const tenantsSettings = (
  config: TenantsConfig,
  given: {
    keyring: Keyring;
    clock: () => number;
    demoAdmin?: { username: string; password: string; demo: boolean } | undefined;
  },
): TenantsOptions => ({
  clock: given.clock,
  issuer: config.TOKEN_ISSUER,
  audience: config.TOKEN_AUDIENCE,
  accessTokenSeconds: config.ACCESS_TOKEN_SECONDS,
  refreshTokenSeconds: config.REFRESH_TOKEN_HOURS * 3600,
  keyRotationMs: config.SIGNING_KEY_DAYS * 86_400_000,
  purgeAfterMs: config.TENANT_PURGE_HOURS * 3_600_000,
  housekeepingMs: config.HOUSEKEEPING_SECONDS * 1000,
  keyring: given.keyring,
  passwordCost: config.PASSWORD_COST,
  outboundAllow: config.OUTBOUND_ALLOW,
  firstAdmin:
    config.ADMIN_USERNAME !== undefined && config.ADMIN_PASSWORD !== undefined
      ? { username: config.ADMIN_USERNAME, password: config.ADMIN_PASSWORD, demo: false }
      : given.demoAdmin,
});
