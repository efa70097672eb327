import type { onSendHookHandler } from 'fastify';

/** A client that already has this version gets 304 and no body. */
export const answerNotModified: onSendHookHandler = (request, reply, payload, done) => {
  const known = request.headers['if-none-match'];
  const etag = reply.getHeader('etag');
  if (known === undefined || typeof etag !== 'string' || reply.statusCode !== 200) {
    done(null, payload);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    done(null, payload);
    return;
  }
  const matches =
    known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  if (!matches) {
    done(null, payload);
    return;
  }
  reply.status(304).removeHeader('content-type').removeHeader('content-length');
  done(null, null);
};
