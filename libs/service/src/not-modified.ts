import type { onSendAsyncHookHandler } from 'fastify';

/** A client that already has this version gets 304 and no body. */
export const answerNotModified: onSendAsyncHookHandler = async (request, reply, payload) => {
  const known = request.headers['if-none-match'];
  const etag = reply.getHeader('etag');
  if (known === undefined || typeof etag !== 'string' || reply.statusCode !== 200) return payload;
  if (request.method !== 'GET' && request.method !== 'HEAD') return payload;
  const matches = known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  if (!matches) return payload;
  reply.status(304).removeHeader('content-type').removeHeader('content-length');
  return null;
};
