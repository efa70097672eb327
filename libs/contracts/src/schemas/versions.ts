import semver from 'semver';
import { z } from 'zod';
import { Capabilities } from './capabilities.js';
import { dnsLabel, line, nonEmptyLine, pageAnswer, pageQuery, prose, timestamp } from './common.js';
import { Manifest } from './manifest.js';

export const versionStates = ['Alpha', 'Beta', 'Stable', 'Deprecated', 'Archived', 'Recalled'] as const;
export type VersionState = (typeof versionStates)[number];
export const newVersionStates = ['Alpha', 'Beta', 'Stable'] as const;
export const dependencyTypes = ['Plugin', 'Library', 'Runtime'] as const;

export const semanticVersion = z
  .string()
  .max(64)
  .refine((value) => semver.valid(value) === value, {
    message: 'expected a semantic version such as 2.0.0 or 2.0.0-beta.1, without v and without +build',
  })
  .meta({ openapi: { pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$' } });

export const checksum = z
  .string()
  .regex(/^sha256:[0-9a-fA-F]{64}$/, 'expected sha256: and 64 hexadecimal digits')
  .transform((value) => value.toLowerCase() as `sha256:${string}`);

const binaryUrl = z
  .string()
  .max(2048)
  .refine((value) => URL.canParse(value) && /^(s3|https|oci):\/\/[^/]+/.test(value), {
    message: 'expected an address that begins with s3://, https:// or oci://',
  })
  .refine((value) => URL.canParse(value) && new URL(value).username + new URL(value).password === '', {
    message: 'must not hold a user name or password',
  });

export const Runtime = z.strictObject({
  type: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9+#._-]{0,39}$/, 'expected a name such as NodeJs, Container or DotNet8'),
  version: nonEmptyLine(32),
});

const cpu = z.number().positive().max(1024);
const memoryMB = z.number().int().min(1).max(4_194_304);
export const defaultResources = { minCpu: 0.1, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 512 };
export const Resources = z
  .strictObject({ minCpu: cpu, maxCpu: cpu, minMemoryMB: memoryMB, maxMemoryMB: memoryMB })
  .refine((r) => r.minCpu <= r.maxCpu, { message: 'minCpu must not be above maxCpu', path: ['minCpu'] })
  .refine((r) => r.minMemoryMB <= r.maxMemoryMB, {
    message: 'minMemoryMB must not be above maxMemoryMB',
    path: ['minMemoryMB'],
  });

const dependencyId = z
  .string()
  .regex(
    /^[A-Za-z0-9@](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$/,
    'expected the id of a plugin, a library or a runtime',
  );
/** That it is a range is said by the service: the parser is not the contract's. */
const versionConstraint = z.string().min(1).max(256);

export const Dependency = z.strictObject({
  dependencyId,
  type: z.enum(dependencyTypes).default('Plugin'),
  versionConstraint,
  required: z.boolean().default(true),
});
export const Conflict = z.strictObject({
  dependencyId,
  versionConstraint: versionConstraint.default('*'),
});

/** JSON Schema as text, as the document shows it, or as it is. What it may hold is checked by the service. */
const configurationSchema = z.union([z.string().max(65_536), z.record(z.string(), z.json())]);

export const NewVersion = z.strictObject({
  semanticVersion,
  state: z.enum(newVersionStates).default('Beta'),
  runtime: Runtime,
  resources: Resources.default(defaultResources),
  binaryUrl: binaryUrl
    .optional()
    .meta({ description: 'Where the artefact lies when it is not uploaded here' }),
  checksum,
  configurationSchema: configurationSchema
    .optional()
    .meta({ description: 'JSON Schema (2020-12 or 07) of the settings, as text or as an object' }),
  dependencies: z.array(Dependency).max(200).default([]),
  conflicts: z
    .array(Conflict)
    .max(100)
    .default([])
    .meta({ description: 'What must not be installed beside it' }),
  manifest: Manifest.optional(),
  releaseNotes: prose(10_000).optional(),
});
export type NewVersion = z.output<typeof NewVersion>;

export const AddVersion = NewVersion.extend({
  capabilities: Capabilities.optional().meta({
    description: 'Left out, those of the version before',
  }),
});

export const Warning = z.object({ field: z.string(), message: z.string() });

export const Deprecation = z.object({
  message: z.string(),
  replacement: z.string().nullable(),
});

export const VersionSummary = z.object({
  semanticVersion: z.string(),
  state: z.enum(versionStates),
  createdAt: timestamp,
});

export const PluginVersion = z.object({
  versionId: z.string(),
  pluginId: z.string(),
  semanticVersion: z.string(),
  state: z.enum(versionStates),
  runtime: z.object({ type: z.string(), version: z.string() }),
  resources: z.object({
    minCpu: z.number(),
    maxCpu: z.number(),
    minMemoryMB: z.number(),
    maxMemoryMB: z.number(),
  }),
  binaryUrl: z.string().nullable(),
  checksum: z.string(),
  artifact: z
    .object({ size: z.number().int(), format: z.enum(['tgz', 'zip']), uploadedAt: timestamp })
    .nullable()
    .meta({ description: 'What was uploaded; null where there is only a binaryUrl, or nothing yet' }),
  configurationSchema: z.string().nullable(),
  dependencies: z.array(
    z.object({
      dependencyId: z.string(),
      type: z.enum(dependencyTypes),
      versionConstraint: z.string(),
      required: z.boolean(),
    }),
  ),
  conflicts: z.array(z.object({ dependencyId: z.string(), versionConstraint: z.string() })),
  capabilities: z.array(z.object({ capabilityId: z.string(), name: z.string(), version: z.string() })),
  manifest: z.record(z.string(), z.json()).nullable(),
  releaseNotes: z.string().nullable(),
  deprecation: Deprecation.nullable(),
  recall: z.object({ reason: z.string(), recalledAt: timestamp }).nullable(),
  signed: z.boolean(),
  downloads: z.number().int(),
  createdAt: timestamp,
});
export const PluginVersionWithWarnings = PluginVersion.extend({ warnings: z.array(Warning) });

/** Without what may be large: a hundred of them are one page. */
export const VersionListItem = PluginVersion.pick({
  versionId: true,
  pluginId: true,
  semanticVersion: true,
  state: true,
  runtime: true,
  resources: true,
  binaryUrl: true,
  checksum: true,
  artifact: true,
  deprecation: true,
  recall: true,
  signed: true,
  downloads: true,
  createdAt: true,
});

export const VersionQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(versionStates).optional(),
});
export const VersionList = z.object({
  pluginId: z.string(),
  versions: z.array(VersionListItem),
  ...pageAnswer,
});

export const PromoteVersion = z.strictObject({
  state: z.enum(['Beta', 'Stable']).optional().meta({ description: 'The next state when left out' }),
});
export const Deprecate = z.strictObject({
  message: nonEmptyLine(500),
  replacement: line(200)
    .optional()
    .meta({ description: 'What to use instead: a plugin id, or pluginId@version' }),
});
export const RecallVersion = z.strictObject({ reason: nonEmptyLine(500) });

export const Artifact = z.object({
  pluginId: z.string(),
  version: z.string(),
  checksum: z.string(),
  size: z.number().int(),
  format: z.enum(['tgz', 'zip']),
  entries: z.number().int(),
  uploadedAt: timestamp,
  status: z.string().meta({ description: 'Of the plugin, after the checks of this artefact' }),
});

export const SignVersion = z.strictObject({
  keyId: z.string().min(1).max(64),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/, 'expected the 64 bytes of an Ed25519 signature in base64')
    .meta({
      description: 'Over the text "switchyard-artifact-v1\\n<pluginId>\\n<version>\\n<checksum>\\n"',
    }),
});
export const SignatureView = z.object({
  keyId: z.string(),
  valid: z.boolean(),
  reason: z.string().nullable(),
  signedAt: timestamp,
});
export const Verification = z.object({
  pluginId: z.string(),
  version: z.string(),
  checksum: z.string(),
  verified: z
    .boolean()
    .meta({ description: 'A good signature of a key that is not revoked, and bytes that match' }),
  signatures: z.array(SignatureView),
  checks: z.array(
    z.object({
      check: z.string(),
      outcome: z.enum(['passed', 'failed', 'not-checked']),
      detail: z.string(),
    }),
  ),
});

const chain = z.array(
  z.object({ id: z.string(), version: z.string().optional(), constraint: z.string().optional() }),
);
export const DependencyProblem = z.object({
  kind: z.enum(['missing', 'conflicting', 'circular', 'runtime', 'unsigned', 'category']),
  chain,
  message: z.string(),
  solution: z.string(),
});
export const ResolvedDependency = z.object({
  pluginId: z.string(),
  version: z.string(),
  type: z.enum(dependencyTypes),
  state: z.enum(versionStates).optional(),
  requiredBy: z.array(z.string()),
  alreadyInstalled: z.boolean(),
  replaces: z.string().nullable(),
});
export const DependencyGraph = z.object({
  pluginId: z.string(),
  version: z.string(),
  resolvable: z.boolean(),
  nodes: z.array(ResolvedDependency),
  edges: z.array(
    z.object({ from: z.string(), to: z.string(), versionConstraint: z.string(), required: z.boolean() }),
  ),
  problems: z.array(DependencyProblem),
  warnings: z.array(z.string()),
});
export const ValidateDependencies = z
  .strictObject({
    tenantId: dnsLabel('TenantId')
      .optional()
      .meta({ description: 'Resolve beside what this tenant has installed' }),
    environment: z.enum(['Development', 'QA', 'Staging', 'Production']).optional(),
    upgradeInstalled: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether what is installed may be moved to another version' }),
  })
  .refine(({ tenantId, environment }) => tenantId !== undefined || environment === undefined, {
    message: 'is required with an environment: it is the environment of a tenant',
    path: ['tenantId'],
  });
export const DependencyPlan = z.object({
  pluginId: z.string(),
  version: z.string(),
  tenantId: z.string().nullable(),
  environment: z.string().nullable(),
  valid: z.literal(true),
  install: z.array(ResolvedDependency).meta({ description: 'In the order in which they are installed' }),
  warnings: z.array(z.string()),
});
