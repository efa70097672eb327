import { z } from 'zod';
import { line, nonEmptyLine, pageAnswer, pageQuery } from './common.js';

export const capabilityId = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9._-]{0,127}$/,
    'CapabilityId must begin with a letter and hold at most 128 letters, numbers, dots, dashes and underscores',
  );

const name = z
  .string()
  .regex(/^[A-Za-z_$][A-Za-z0-9_$.]{0,127}$/, 'expected a name as in code: letters, numbers, _, $ and dots');
const typeName = nonEmptyLine(200);

const parameter = z.strictObject({ name, type: typeName, required: z.boolean().default(true) });
const method = z.strictObject({
  name,
  returnType: typeName.default('void'),
  parameters: z.array(parameter).max(50).default([]),
});

const uniquely = <T>(key: (item: T) => string, what: string) =>
  [
    (items: readonly T[]) => new Set(items.map(key)).size === items.length,
    { message: `names a ${what} twice` },
  ] as const;

export const Capability = z.strictObject({
  capabilityId,
  name: nonEmptyLine(120),
  version: z
    .string()
    .regex(/^\d+(\.\d+){0,2}$/, 'expected a version such as 1.0')
    .default('1.0'),
  description: line(500).optional(),
  methods: z
    .array(method)
    .max(200)
    .default([])
    .refine(...uniquely<z.output<typeof method>>((m) => m.name, 'method')),
});
export type Capability = z.output<typeof Capability>;

export const Capabilities = z
  .array(Capability)
  .max(50)
  .refine(...uniquely<Capability>((c) => c.capabilityId, 'capability'));

export const CapabilityQuery = z.strictObject({ ...pageQuery, search: line(120).optional() });
export const CapabilitySummary = z.object({
  capabilityId: z.string(),
  name: z.string(),
  version: z.string(),
  pluginCount: z.number().int(),
});
export const CapabilityList = z.object({ capabilities: z.array(CapabilitySummary), ...pageAnswer });
export const CapabilityDetails = CapabilitySummary.extend({
  description: z.string().nullable(),
  methods: z.array(
    z.object({
      name: z.string(),
      returnType: z.string(),
      parameters: z.array(z.object({ name: z.string(), type: z.string(), required: z.boolean() })),
    }),
  ),
  definedBy: z
    .object({ pluginId: z.string(), version: z.string() })
    .meta({ description: 'Whose definition is shown: of the plugin that has had it longest' }),
});
export const CapabilityPlugins = z.object({
  capabilityId: z.string(),
  plugins: z.array(z.object({ pluginId: z.string(), name: z.string(), latestVersion: z.string() })),
  ...pageAnswer,
});
