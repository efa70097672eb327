import type { IncomingMessage, ServerResponse } from 'node:http';

const exposed =
  'etag, location, retry-after, traceparent, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, idempotency-replayed';
const allowedHeaders =
  'accept, authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, x-switchyard-environment, x-switchyard-tenant';

/** Answers the CORS headers for an origin that is configured; without configuration no other origin gets any. */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  origins: ReadonlySet<string>,
): boolean {
  const { origin } = request.headers;
  if (origins.size === 0 || origin === undefined) return false;
  response.setHeader('vary', 'Origin');
  if (!origins.has(origin) && !origins.has('*')) return false;
  response.setHeader('access-control-allow-origin', origins.has(origin) ? origin : '*');
  response.setHeader('access-control-expose-headers', exposed);
  return true;
}

export function answerPreflight(response: ServerResponse, methods: string, allowed: boolean): void {
  response.setHeader('allow', methods);
  if (allowed) {
    response.setHeader('access-control-allow-methods', methods);
    response.setHeader('access-control-allow-headers', allowedHeaders);
    response.setHeader('access-control-max-age', '600');
  }
  response.writeHead(204).end();
}
