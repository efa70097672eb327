/**
 * Every error code an answer can carry. The reference page is generated from it and a test holds the
 * OpenAPI document to it. A code is never renamed: clients branch on it.
 */
export const errorCodes = {
  VALIDATION_ERROR: {
    status: 400,
    title: 'Request validation failed',
    fix: 'Mend each field that `details` lists.',
  },
  DEPENDENCY_CONFLICT: {
    status: 400,
    title: 'Plugin dependency conflict',
    fix: 'Follow the chain in `details`.',
  },
  UNAUTHORIZED: {
    status: 401,
    title: 'Missing or invalid token',
    fix: 'Sign in again and send `Authorization: Bearer <token>`.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'Insufficient permissions',
    fix: 'Ask an administrator for a role that may do this.',
  },
  TENANT_SUSPENDED: {
    status: 403,
    title: 'The tenant is suspended and read-only',
    fix: 'Ask a platform administrator to resume it.',
  },
  CATEGORY_NOT_ALLOWED: {
    status: 403,
    title: 'The tenant does not allow plugins of this category',
    fix: 'Choose another plugin, or have the category allowed.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'Resource not found',
    fix: 'Check the id and that it belongs to your tenant.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The path exists, the method does not',
    fix: 'Use a method of the Allow header.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'No offered media type is accepted',
    fix: 'Accept application/json.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'The request did not arrive in time',
    fix: 'Send it again on a faster connection.',
  },
  CONFLICT: {
    status: 409,
    title: 'Conflict with the current state',
    fix: 'Read the resource and decide anew.',
  },
  QUOTA_EXCEEDED: {
    status: 409,
    title: 'A quota of the tenant would be exceeded',
    fix: 'Free some of it or ask for a higher quota.',
  },
  GONE: { status: 410, title: 'It was here and is no longer', fix: 'Start again from a fresh listing.' },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'If-Match does not match the current version',
    fix: 'Read it again, merge, and send its new ETag.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    title: 'The body is larger than allowed',
    fix: 'Send less than the limit in the message.',
  },
  URI_TOO_LONG: { status: 414, title: 'The address is longer than allowed', fix: 'Shorten the query.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body has a media type that is not read here',
    fix: 'Send one of the media types in the message.',
  },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    title: 'The file does not hold the range that was asked for',
    fix: 'Ask for a range inside the size that Content-Range names.',
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'The Expect header cannot be met',
    fix: 'Send only `Expect: 100-continue`.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    fix: 'Use a new key for a new request.',
  },
  RATE_LIMIT_EXCEEDED: {
    status: 429,
    title: 'Too many requests',
    fix: 'Wait the seconds that Retry-After names.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The headers are larger than allowed',
    fix: 'Send fewer or smaller headers.',
  },
  INTERNAL_ERROR: { status: 500, title: 'Internal server error', fix: 'Report the traceId.' },
  NOT_IMPLEMENTED: {
    status: 501,
    title: 'The method is not known here',
    fix: 'Use a method of the OpenAPI document.',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    title: 'Service temporarily unavailable',
    fix: 'Try again in a moment.',
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    title: 'A service behind the gateway did not answer in time',
    fix: 'Try again; reads are safe to repeat.',
  },
} as const satisfies Record<string, { status: number; title: string; fix: string }>;

export type ErrorCode = keyof typeof errorCodes;
