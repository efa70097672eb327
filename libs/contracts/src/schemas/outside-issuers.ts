import { z } from 'zod';
import { roles, tenantRoles } from '../roles.js';
import { dnsLabel, line, nonEmptyLine, pageAnswer, timestamp } from './common.js';
import { robotName } from './people.js';

const issuerId = dnsLabel('IssuerId');

/** As tokens name it, letter by letter: `https://idp.example` and `https://idp.example/` are two issuers. */
const issuerUrl = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[!-~]+$/, { error: 'expected an https URL', abort: true })
  .refine(isPlainUrl, { message: 'expected an https URL without a name, a password, a query or a fragment' });

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#\\]/.test(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '' && (url.href === text || url.href === `${text}/`);
}

const audience = nonEmptyLine(500).meta({ description: "What an outside token's `aud` must be, or hold" });

export const CreateOidcIssuer = z.strictObject({
  issuerId,
  name: nonEmptyLine(120),
  issuer: issuerUrl.meta({
    description: "The outside tokens' `iss`; its discovery document is read before it is kept",
  }),
  audience,
  enabled: z.boolean().default(true),
});
export const UpdateOidcIssuer = z.strictObject({
  name: nonEmptyLine(120).optional(),
  audience: audience.optional(),
  enabled: z.boolean().optional(),
});

export const OidcIssuer = z.object({
  issuerId: z.string(),
  name: z.string(),
  issuer: z.string(),
  audience: z.string(),
  enabled: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const OidcIssuerList = z.object({ issuers: z.array(OidcIssuer), ...pageAnswer });

const claimName = z
  .string()
  .regex(
    /^(?!__proto__$)[A-Za-z0-9_.:/-]{1,100}$/,
    'a claim is named by 1 to 100 letters, numbers and the signs . _ - : /',
  );
const claims = z
  .record(claimName, line(500).min(1))
  .refine((given) => Object.keys(given).length <= 20, { message: 'must name at most 20 claims' })
  .meta({
    description:
      'What the outside token must say, each of it. `*` stands for anything but a slash, `**` for anything',
    examples: [{ repository: 'acme/stripe', ref: 'refs/tags/v*' }],
  });

const ruleFields = { name: robotName, issuerId, claims };
export const CreatePublisherTrustRule = z.strictObject(ruleFields);
export const CreateTenantTrustRule = z.strictObject({
  ...ruleFields,
  role: z.enum(tenantRoles).default('TenantUser'),
});

export const TrustRule = z.object({
  ruleId: z.string(),
  name: z.string(),
  issuerId: z.string(),
  issuer: z.string(),
  audience: z.string().meta({ description: 'What the job has to ask its issuer for' }),
  role: z.enum(roles),
  tenantId: z.string().nullable(),
  publisherId: z.string().nullable(),
  claims: z.record(z.string(), z.string()),
  status: z.enum(['Active', 'Disabled', 'IssuerDisabled']),
  createdBy: z.string(),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
});
export const TrustRuleList = z.object({ rules: z.array(TrustRule), ...pageAnswer });

/** Larger than any honest token: what comes is read before it is trusted. */
export const maxOutsideTokenBytes = 16 * 1024;

export const ExchangeToken = z
  .strictObject({
    token: z.string().min(1).max(maxOutsideTokenBytes).meta({ description: "The outside issuer's JWT" }),
    publisherId: dnsLabel('PublisherId').optional(),
    tenantId: dnsLabel('TenantId').optional(),
  })
  .refine(({ publisherId, tenantId }) => publisherId === undefined || tenantId === undefined, {
    message: 'name a publisher or a tenant, not both',
    path: ['tenantId'],
  });

export const ExchangedToken = z.object({
  token: z.string(),
  expiresAt: timestamp,
  user: z.object({
    username: z.string(),
    role: z.enum(roles),
    tenantId: z.string().nullable(),
    publishers: z.array(z.string()),
  }),
});
