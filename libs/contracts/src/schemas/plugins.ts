import { z } from 'zod';
import { Capabilities, capabilityId } from './capabilities.js';
import { dnsLabel, label, line, nonEmptyLine, pageAnswer, pageQuery, prose, timestamp } from './common.js';
import { Deprecation, NewVersion, VersionSummary, Warning } from './versions.js';

export const pluginStatuses = [
  'Registered',
  'Validated',
  'Approved',
  'Active',
  'Deprecated',
  'Archived',
] as const;
export type PluginStatus = (typeof pluginStatuses)[number];
export const visibilities = ['Public', 'Private'] as const;

const webUrl = z.url({ protocol: /^https?$/, error: 'expected an http or https address' }).max(2048);
const tag = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?$/,
    'expected at most 40 lowercase letters, numbers, dots, dashes and underscores',
  );
const tags = z
  .array(tag)
  .max(20)
  .transform((all) => [...new Set(all)]);

const described = {
  name: nonEmptyLine(120),
  description: prose(2000),
  category: label('Category'),
  iconUrl: webUrl,
  documentationUrl: webUrl,
  repositoryUrl: webUrl,
};

export const RegisterPlugin = z.strictObject({
  pluginId: dnsLabel('PluginId'),
  name: described.name,
  description: described.description.optional(),
  category: described.category,
  publisher: nonEmptyLine(120)
    .optional()
    .meta({ description: 'Name or id of a publisher that you belong to; yours when you have one' }),
  iconUrl: described.iconUrl.optional(),
  documentationUrl: described.documentationUrl.optional(),
  repositoryUrl: described.repositoryUrl.optional(),
  tags: tags.default([]),
  visibility: z
    .enum(visibilities)
    .default('Public')
    .meta({ description: 'Private: seen only by the tenants of its access list' }),
  version: NewVersion,
  capabilities: Capabilities.default([]),
});

export const RegisteredPlugin = z.object({
  pluginId: z.string(),
  name: z.string(),
  status: z.enum(pluginStatuses),
  version: z.string(),
  versionId: z.string(),
  publisher: z.string(),
  publisherId: z.string(),
  createdAt: timestamp,
  warnings: z.array(Warning),
});

export const UpdatePlugin = z.strictObject({
  name: described.name.optional(),
  description: described.description.nullable().optional(),
  category: described.category.optional(),
  iconUrl: described.iconUrl.nullable().optional(),
  documentationUrl: described.documentationUrl.nullable().optional(),
  repositoryUrl: described.repositoryUrl.nullable().optional(),
  tags: tags.optional(),
});

const commaList = (item: z.ZodType<string, string>, max: number) =>
  z
    .string()
    .max(1000)
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).max(max));

export const tagsQuery = commaList(tag, 20)
  .optional()
  .meta({ description: 'Comma-separated; a plugin has all of them', openapi: { type: 'string' } });

export const PluginQuery = z.strictObject({
  ...pageQuery,
  category: label('Category').optional(),
  status: z.enum(pluginStatuses).optional(),
  search: line(120).optional().meta({ description: 'In name, id and description' }),
  tags: tagsQuery,
  publisher: line(120).optional().meta({ description: 'Name or id' }),
  capability: capabilityId.optional(),
});

export const PluginSummary = z.object({
  pluginId: z.string(),
  name: z.string(),
  category: z.string(),
  publisher: z.string(),
  status: z.enum(pluginStatuses),
  latestVersion: z.string(),
  installationCount: z.number().int(),
  averageRating: z.number().nullable(),
  createdAt: timestamp,
});
export const PluginList = z.object({ plugins: z.array(PluginSummary), ...pageAnswer });

export const Plugin = z.object({
  pluginId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  category: z.string(),
  publisher: z.string(),
  publisherId: z.string(),
  iconUrl: z.string().nullable(),
  documentationUrl: z.string().nullable(),
  repositoryUrl: z.string().nullable(),
  tags: z.array(z.string()),
  status: z.enum(pluginStatuses),
  visibility: z.enum(visibilities),
  featured: z.boolean(),
  latestVersion: z.string(),
  versions: z.array(VersionSummary).meta({ description: 'The newest 100; all of them at /versions' }),
  versionCount: z.number().int(),
  capabilities: z.array(z.object({ capabilityId: z.string(), name: z.string() })),
  deprecation: Deprecation.nullable(),
  installationCount: z.number().int(),
  averageRating: z.number().nullable(),
  ratingCount: z.number().int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});

export const ArchivePlugin = z.strictObject({ reason: line(500).optional() });

export const SetAccess = z.strictObject({
  visibility: z.enum(visibilities),
  tenants: z
    .array(dnsLabel('TenantId'))
    .max(1000)
    .default([])
    .transform((all) => [...new Set(all)].sort())
    .meta({ description: 'Who sees it while it is Private' }),
});
export const Access = z.object({
  pluginId: z.string(),
  visibility: z.enum(visibilities),
  tenants: z.array(z.string()),
});
