import { z } from 'zod';
import { nonEmptyLine, line, prose } from './common.js';

const webUrl = z.url({ protocol: /^https?$/, error: 'expected an http or https address' }).max(2048);

/** `noun:verb`; the reversed form of older plugins is turned round. */
const verbs = new Set(['read', 'write', 'execute', 'delete', 'list', 'send', 'receive', 'manage']);
const permission = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}:[a-z][a-z0-9-]{0,39}$/,
    'expected noun:verb in lowercase, such as database:read',
  )
  .transform((value) => {
    const [first = '', second = ''] = value.split(':');
    return verbs.has(first) && !verbs.has(second) ? `${second}:${first}` : value;
  });

const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const endpoint = z.strictObject({
  path: z
    .string()
    .max(512)
    .regex(/^\/[!-~]*$/, 'expected a path that begins with /'),
  methods: z.array(z.enum(httpMethods)).min(1).max(7),
  description: line(500).optional(),
  public: z.boolean().optional().meta({ description: 'Reachable without a token' }),
});

const eventName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9._:-]{0,99}$/,
    'expected a name of letters, numbers, dots, colons, dashes and underscores',
  );

const contribution = z.record(z.string().max(64), z.json());

const range = z.string().min(1).max(256);

/** What a version says about itself; also `switchyard.json` in its artefact. */
export const Manifest = z.strictObject({
  author: line(200).optional(),
  email: z.email().max(254).optional(),
  homepage: webUrl.optional(),
  license: line(100).optional(),
  entryPoint: z
    .string()
    .max(512)
    .regex(
      /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\u0000-\u001f\\]+$/,
      'expected a path inside the artefact, without ..',
    )
    .optional(),
  engines: z
    .strictObject({
      node: range.optional(),
      veko: range.optional(),
      nexus_version: range.optional(),
      python_version: range.optional(),
    })
    .optional(),
  packages: z
    .record(z.string().max(214), range)
    .refine((packages) => Object.keys(packages).length <= 500, { message: 'at most 500 packages' })
    .optional(),
  loadOrder: z.number().int().min(-1000).max(1000).optional(),
  permissions: z.array(permission).max(100).optional(),
  endpoints: z.array(endpoint).max(500).optional(),
  events: z
    .strictObject({
      emits: z.array(eventName).max(200).optional(),
      subscribes: z.array(eventName).max(200).optional(),
    })
    .optional(),
  Api_prefix: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'expected lowercase letters, numbers and dashes')
    .optional(),
  ui: contribution.optional(),
  cli: contribution.optional(),
  settingsSchema: z.record(z.string(), z.json()).optional(),
  displayName: nonEmptyLine(120).optional(),
  description: prose(2000).optional(),
});
export type Manifest = z.output<typeof Manifest>;
