import { passwordProblems } from '@switchyard/auth';
import { list, secretText, text, wholeNumber } from '@switchyard/config';
import { housekeepingOptions, keyringOptions, tokenOptions } from '@switchyard/service';
import { type z } from 'zod';
import { outboundTo } from './outside-issuers/fetch-json.js';

export const tenantsOptions = tokenOptions.extend({
  ...keyringOptions.shape,
  REFRESH_TOKEN_HOURS: wholeNumber(
    { min: 1, max: 8_760 },
    { description: 'How long a session lives without being used' },
  ).prefault('720'),
  SIGNING_KEY_DAYS: wholeNumber(
    { min: 1, max: 365 },
    { description: 'How often the key that signs tokens is replaced' },
  ).prefault('30'),
  TENANT_PURGE_HOURS: wholeNumber(
    { min: 0, max: 8_760 },
    { description: 'How long a deleted tenant can be taken back before its data is removed' },
  ).prefault('168'),
  ...housekeepingOptions.shape,
  ADMIN_USERNAME: text({ description: 'The first PlatformAdmin, made when nobody has the name' }).optional(),
  ADMIN_PASSWORD: secretText({
    description: "The first PlatformAdmin's password; only read when the account is made",
  }).optional(),
  OUTBOUND_ALLOW: list({
    description:
      'Hosts (`host` or `host:port`) and networks that outside issuers may be asked at without TLS, such as one on a private address',
    example: 'idp.internal:8443,10.20.0.0/16',
  }).prefault(''),
  PASSWORD_COST: wholeNumber(
    { min: 12, max: 18 },
    { description: "scrypt's cost as a power of two: 15 is about 85 ms and 32 MB a check" },
  ).prefault('15'),
});

export type TenantsConfig = z.output<typeof tenantsOptions>;

export const adminIsHalf = ({
  ADMIN_USERNAME,
  ADMIN_PASSWORD,
}: Pick<TenantsConfig, 'ADMIN_USERNAME' | 'ADMIN_PASSWORD'>): string | undefined =>
  (ADMIN_USERNAME === undefined) === (ADMIN_PASSWORD === undefined)
    ? undefined
    : 'ADMIN_USERNAME and ADMIN_PASSWORD (or ADMIN_PASSWORD_FILE) go together; only one of them is set';

export const adminIsWeak = ({
  ADMIN_USERNAME,
  ADMIN_PASSWORD,
}: Pick<TenantsConfig, 'ADMIN_USERNAME' | 'ADMIN_PASSWORD'>): string | undefined => {
  const problems =
    ADMIN_PASSWORD === undefined ? [] : passwordProblems(ADMIN_PASSWORD, { username: ADMIN_USERNAME ?? '' });
  return problems.length === 0 ? undefined : `ADMIN_PASSWORD ${problems.join('; ')}`;
};

export const outboundIsUnclear = ({
  OUTBOUND_ALLOW,
}: Pick<TenantsConfig, 'OUTBOUND_ALLOW'>): string | undefined => {
  try {
    outboundTo(OUTBOUND_ALLOW);
    return undefined;
  } catch (error) {
    return `OUTBOUND_ALLOW: ${(error as Error).message}`;
  }
};
