import { allRoutes, defaultBudgets, type Route } from '@switchyard/contracts';
import { errorCodes, type ErrorCode } from '@switchyard/errors';
import { z } from 'zod';
import { errorEnvelope, problem } from './error-schemas.js';
import { schemaNames } from './schema-names.js';

type Json = Record<string, unknown>;

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      const shown = (zodSchema as unknown as z.ZodType).meta()?.['openapi'] as Json | undefined;
      if (!shown) return;
      const json = made as Json;
      delete json['openapi'];
      // A number in a query is text to us and a number to whoever reads the document.
      if ('type' in shown) delete json['pattern'];
      Object.assign(json, shown);
    },
  }) as Json & { $schema?: string };
  return JSON.parse(JSON.stringify(rest)) as Json;
};

/** A named schema once under components, an unnamed one in place. */
function referTo(schema: z.ZodType, io: 'input' | 'output', components: Map<string, Json>): Json {
  const name = schemaNames.get(schema);
  if (!name) return jsonSchema(schema, io);
  if (!components.has(name)) components.set(name, jsonSchema(schema, io));
  return { $ref: `#/components/schemas/${name}` };
}

const openApiPath = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

function parametersOf(route: Route): Json[] {
  const of = (place: 'path' | 'query', schema: z.ZodType | undefined): Json[] => {
    if (!schema) return [];
    const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description ? { description } : {}),
      schema: rest,
    }));
  };
  const header = (name: string, description: string, schema: Json): Json => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  });
  return [
    ...of('path', route.params),
    ...of('query', route.query),
    ...(route.ifMatch
      ? [header('If-Match', 'The ETag that was read: a lost race is 412', { type: 'string', maxLength: 200 })]
      : []),
    ...(route.method === 'POST' && route.roles !== 'public'
      ? [
          header('Idempotency-Key', 'The same key and request are answered the same for 24 hours', {
            type: 'string',
            minLength: 1,
            maxLength: 255,
            pattern: '^[!-~]+$',
          }),
        ]
      : []),
  ];
}

const limited = {
  'X-RateLimit-Limit': 'Requests per minute',
  'X-RateLimit-Remaining': 'Requests left, at least',
  'X-RateLimit-Reset': 'Unix time at which the window ends',
};

function headersOf(route: Route): Json {
  const headers = Object.fromEntries(
    Object.entries(limited).map(([name, description]) => [
      name,
      { description, schema: { type: 'integer' } },
    ]),
  );
  return route.etag
    ? { ...headers, ETag: { description: 'The version, for If-Match', schema: { type: 'string' } } }
    : headers;
}

/** The statuses that a route can answer, beside its own, as they follow from its row. */
export function errorStatusesOf(route: Route): number[] {
  const statuses = new Set<number>([
    400,
    404,
    405,
    406,
    408,
    414,
    429,
    431,
    500,
    503,
    504,
    ...(route.errors ?? []),
  ]);
  if (route.roles !== 'public') for (const status of [401, 403]) statuses.add(status);
  if (route.ifMatch) statuses.add(412);
  if (route.method !== 'GET') for (const status of [409, 413, 415, 417]) statuses.add(status);
  if (route.method === 'POST') statuses.add(422);
  if (route.download) statuses.add(416);
  return [...statuses].sort((a, b) => a - b);
}

function answersOf(route: Route, components: Map<string, Json>): Json {
  const { status, body } = route.success;
  const codesOf = (wanted: number) =>
    (Object.keys(errorCodes) as ErrorCode[]).filter((code) => errorCodes[code].status === wanted);
  const errors = errorStatusesOf(route).map((wanted) => [
    String(wanted),
    {
      description: codesOf(wanted)
        .map((code) => `\`${code}\`: ${errorCodes[code].title}`)
        .join('; '),
      content: errorContent,
    },
  ]);
  const success = {
    description: 'Success',
    headers: headersOf(route),
    ...(body ? { content: { 'application/json': { schema: referTo(body, 'output', components) } } } : {}),
    ...(route.download ? { content: filesOf(route.download) } : {}),
    ...(route.stream && body ? { content: streamOf(route.stream, referTo(body, 'output', components)) } : {}),
  };
  return {
    [status]: success,
    ...(route.success.repeated ? { 200: { ...success, description: 'It was there already' } } : {}),
    ...(route.download ? { 206: { ...success, description: 'The range that was asked for' } } : {}),
    ...(route.etag && route.method === 'GET' ? { 304: { description: 'Not modified' } } : {}),
    ...(Object.fromEntries(errors) as Json),
  };
}

const filesOf = (types: readonly string[]): Json =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));

/** Each line, or each event's data, is one of these. */
const streamOf = (types: readonly string[], schema: Json): Json =>
  Object.fromEntries(types.map((type) => [type, { schema }]));

const errorContent = {
  'application/json': { schema: { $ref: '#/components/schemas/Error' } },
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

function operationOf(route: Route, components: Map<string, Json>): Json {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: `${route.roles === 'public' ? 'No token needed.' : `Roles: ${route.roles.join(', ')}${route.peopleOnly ? ' (people only, no robots)' : ''}.`} Limit: ${defaultBudgets[route.limit]} a minute per ${route.roles === 'public' ? 'address' : 'user'}, by default.`,
    ...(route.roles === 'public' ? { security: [] } : {}),
    parameters: parametersOf(route),
    ...(route.body
      ? {
          requestBody: {
            required: !route.bodyOptional,
            content: { 'application/json': { schema: referTo(route.body, 'input', components) } },
          },
        }
      : {}),
    ...(route.upload ? { requestBody: { required: true, content: filesOf(route.upload) } } : {}),
    responses: answersOf(route, components),
    'x-roles': route.roles === 'public' ? [] : route.roles,
    'x-tenant-rule': route.tenant,
  };
}

/** The OpenAPI 3.1 document of the native API, made from the route table. */
export function openApiDocument(version = '0.1.0'): Json {
  const components = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const route of allRoutes) {
    const path = (paths[openApiPath(route.path)] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, components);
  }
  const schemas = Object.fromEntries([...components].sort(([a], [b]) => a.localeCompare(b)));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchyard',
      version,
      description:
        'A multi-tenant plugin control plane. Every request needs a bearer token except signing in, refreshing and exchanging.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(allRoutes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas, Error: errorEnvelope, Problem: problem },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A user token (JWT) or a robot token' },
      },
    },
  };
}
