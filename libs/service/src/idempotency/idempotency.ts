import { createHash, randomInt } from 'node:crypto';
import { allRoutes, type Route } from '@switchyard/contracts';
import { requestWrites, type RequestWrite, type ServiceDatabase } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { Logger } from '@switchyard/observability';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { attachedCall } from '../call.js';
import { IdempotencyKeyStore, type KeyRow } from './idempotency-key.store.js';

interface Claim {
  subject: string;
  key: string;
  /** Its answer is shown once and never kept. */
  secret: boolean;
  /** Marks the key in each of the request's transactions. */
  marking?: RequestWrite;
}

const routes = new Map<string, Route>(allRoutes.map((route) => [`${route.method} ${route.path}`, route]));
const kept = ['content-type', 'etag', 'location'] as const;

/**
 * `Idempotency-Key` on every POST that knows its caller: the same key and request get the same answer, another request
 * is refused. The key is marked in the very transaction that makes the request's changes, so that a crash between
 * them and the answer never leads to doing it twice.
 */
export function honourIdempotencyKeys(
  fastify: FastifyInstance,
  database: ServiceDatabase,
  logger: Logger,
): void {
  const store = new IdempotencyKeyStore(database.service);
  const claims = new WeakMap<FastifyRequest, Claim>();

  fastify.addHook('preHandler', (request, reply, done) => {
    if (request.headers['idempotency-key'] === undefined || request.method !== 'POST') {
      done();
      return;
    }
    claim(request, reply).then((held) => {
      if (held === 'answered') return;
      const mine = claims.get(request);
      // The handler runs inside: each of its transactions marks the key when it commits.
      if (!mine) {
        done();
        return;
      }
      mine.marking = {
        service: database.service,
        answered: false,
        write: (tx) => store.markCommitted(tx, mine.subject, mine.key),
      };
      requestWrites.run(mine.marking, done);
    }, done);
  });

  fastify.addHook('onSend', (request, reply, payload, done) => {
    const mine = claims.get(request);
    if (!mine) {
      done(null, payload);
      return;
    }
    claims.delete(request);
    if (mine.marking) mine.marking.answered = true;
    requestWrites
      .exit(() => keep(mine, reply, payload))
      .catch((error: unknown) =>
        logger.error({ err: error }, 'the answer for an Idempotency-Key was not kept'),
      )
      .finally(() => done(null, payload));
  });

  async function claim(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<'answered' | 'ours' | undefined> {
    const wanted = claimOf(request);
    if (!wanted) return undefined;
    const fingerprint = fingerprintOf(request);
    const held = await database.withPlatform('idempotency', async (tx) => {
      if (randomInt(50) === 0) await store.prune(tx);
      return await store.claim(tx, wanted.subject, wanted.key, fingerprint);
    });
    if (!held) {
      claims.set(request, wanted);
      return 'ours';
    }
    answerHeld(held, fingerprint, wanted, reply);
    return 'answered';
  }

  async function keep({ subject, key, secret }: Claim, reply: FastifyReply, payload: unknown): Promise<void> {
    const { statusCode: status } = reply;
    if (status >= 300) {
      await database.withPlatform('idempotency', (tx) => store.release(tx, subject, key));
      return;
    }
    const headers = Object.fromEntries(
      kept.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
    );
    const body = secret || typeof payload !== 'string' ? '' : payload;
    await database.withPlatform('idempotency', (tx) =>
      store.keepAnswer(tx, subject, key, { status, headers, body }),
    );
  }
}

function claimOf(request: FastifyRequest): Claim | undefined {
  const key = request.headers['idempotency-key'];
  const identity = attachedCall(request.raw)?.identity;
  if (!identity) return undefined;
  if (typeof key !== 'string' || !/^[!-~]{1,255}$/.test(key))
    throw new AppError('VALIDATION_ERROR', 'The Idempotency-Key is not usable', {
      details: [{ field: 'Idempotency-Key', message: 'expected 1 to 255 visible ASCII characters' }],
    });
  const route = routes.get(`POST ${request.routeOptions.url ?? ''}`);
  return { subject: identity.subject, key, secret: route?.secretAnswer ?? false };
}

const fingerprintOf = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest('base64url');

function answerHeld(held: KeyRow, fingerprint: string, claim: Claim, reply: FastifyReply): void {
  if (held.fingerprint !== fingerprint)
    throw new AppError(
      'IDEMPOTENCY_KEY_REUSED',
      'The Idempotency-Key was used for another request within the last 24 hours',
    );
  if (held.state === 'answered' && !claim.secret) {
    const { status, headers, body } = held;
    void reply
      .status(status ?? 200)
      .headers(headers ?? {})
      .header('idempotency-replayed', 'true')
      .send(body === '' ? undefined : body);
  } else if (held.state === 'answered')
    throw new AppError(
      'CONFLICT',
      'This request was carried out already; its answer held a secret, which is shown once',
    );
  else if (held.abandoned)
    throw new AppError(
      'CONFLICT',
      'This request was carried out already, but its answer was lost; read what it made',
    );
  else
    throw new AppError('CONFLICT', 'The first request with this Idempotency-Key is still running', {
      retryAfter: 1,
    });
}
