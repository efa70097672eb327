import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Identity, IdentityIssuer } from '@switchyard/auth';
import { AppError } from '@switchyard/errors';
import { traceparentOf } from '@switchyard/observability';
import type { Route } from '@switchyard/contracts';
import {
  addressHeader,
  anonymous,
  bodyLimitOf,
  identityHeader,
  longestTransferMs,
  untilDrained,
  type EdgeCall,
  type Readiness,
} from '@switchyard/service';
import { Pool, type Dispatcher } from 'undici';
import { checkedAtItsEnd } from './checked-at-its-end.js';
import { readBody } from './read-body.js';
import type { Upstream } from './upstream.js';

const passedOn = [
  'accept',
  'content-type',
  'content-length',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'range',
  'if-range',
  'last-event-id',
] as const;
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'transfer-encoding',
  'upgrade',
  'trailer',
  'date',
]);

/** Files on their way at once. Each waits for its client: a few slow ones must not be all that there is room for. */
const mostTransfers = 256;

type Target = Pick<Dispatcher.RequestOptions, 'method' | 'path'>;

/** Answers that go on and on. Each has a connection for as long as its client listens. */
const mostStreams = 1_024;
/** Services give a sign of life more often. */
const silentStreamMs = 75_000;

/** So many requests may wait for a connection; more would wait longer than anybody does. */
const longestQueue = 256;

/**
 * A service in a process of its own. A body is read before a connection is taken, so that slow clients hold none; a file
 * is too large for that, and has connections that hold up nothing else. The identity goes as a signed header of 30 seconds.
 */
export class HttpUpstream implements Upstream {
  private readonly pool: Pool;
  private readonly transfers: Pool;
  private readonly streams: Pool;
  /** Whether the service is ready must be told however busy it is. */
  private readonly aside: Pool;

  constructor(
    private readonly service: string,
    url: string,
    private readonly identities: IdentityIssuer,
    private readonly clock: () => number,
  ) {
    this.pool = new Pool(url, {
      connections: 64,
      headersTimeout: 30_000,
      bodyTimeout: 60_000,
      connect: { timeout: 2_000 },
    });
    this.transfers = new Pool(url, {
      connections: mostTransfers,
      headersTimeout: longestTransferMs,
      bodyTimeout: 60_000,
      connect: { timeout: 2_000 },
    });
    this.streams = new Pool(url, {
      connections: mostStreams,
      headersTimeout: 30_000,
      bodyTimeout: silentStreamMs,
      connect: { timeout: 2_000 },
    });
    this.aside = new Pool(url, { connections: 1, headersTimeout: 3_000, connect: { timeout: 2_000 } });
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    call: EdgeCall,
    route: Route,
  ): Promise<void> {
    const target = { method: request.method as Dispatcher.HttpMethod, path: request.url ?? '/' };
    const answer = await (route.upload
      ? this.sendFile(request, call, target)
      : this.sendWhole(request, call, route, target));
    for (const [name, value] of Object.entries(answer.headers))
      if (value !== undefined && !hopByHop.has(name)) response.setHeader(name, value);
    // Answered before all of it came: what is still to come would be read as the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(answer.statusCode);
    if (route.stream) response.flushHeaders();
    const body = request.complete ? answer.body : untilDrained(answer.body, request);
    await pipeline(body, response).catch(() => response.destroy());
  }

  async readiness(): Promise<Readiness[]> {
    const part = `service ${this.service}`;
    try {
      const { body } = await this.aside.request({
        method: 'GET',
        path: '/health/ready',
        headersTimeout: 2_000,
      });
      return ((await body.json()) as { parts: Readiness[] }).parts;
    } catch (error) {
      return [{ part, ready: false, reason: `does not answer: ${(error as Error).message}` }];
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.close(), this.transfers.close(), this.streams.close(), this.aside.close()]);
  }

  private async sendWhole(
    request: IncomingMessage,
    call: EdgeCall,
    route: Route,
    target: Target,
  ): Promise<Dispatcher.ResponseData> {
    const body = await readBody(request, bodyLimitOf(route));
    const refusal = call.recheck?.();
    if (refusal) throw refusal;
    const headers = this.headersFor(request, call);
    const pool = route.stream ? this.streams : route.download ? this.transfers : this.pool;
    // One that waits for a stream to end may wait for ever.
    const isFull = route.stream && this.streams.stats.running >= mostStreams;
    return await this.send(pool, { ...target, headers, body }, isFull ? 0 : longestQueue);
  }

  private async sendFile(
    request: IncomingMessage,
    call: EdgeCall,
    target: Target,
  ): Promise<Dispatcher.ResponseData> {
    let refusal: AppError | undefined;
    const body = checkedAtItsEnd(request, () => (refusal = call.recheck?.()));
    const headers = this.headersFor(request, call);
    try {
      return await this.send(this.transfers, { ...target, headers, body: Readable.from(body) });
    } catch (error) {
      throw refusal ?? error;
    }
  }

  private headersFor(request: IncomingMessage, call: EdgeCall): Record<string, string> {
    const identity = call.identity ?? nobody(this.clock());
    const headers: Record<string, string> = {
      [identityHeader]: this.identities.issue(identity, this.service),
      [addressHeader]: call.address,
      traceparent: traceparentOf(call.trace),
    };
    for (const name of passedOn) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    return headers;
  }

  /** A read that met a connection which a stopping service was just closing is asked again, on another one. */
  private async requestOnceMore(
    pool: Pool,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await pool.request(options);
    } catch (error) {
      const { code } = error as { code?: string };
      const wasCut = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
      if (!wasCut || options.body !== null || (options.method !== 'GET' && options.method !== 'HEAD'))
        throw error;
      return await pool.request(options);
    }
  }

  private async send(
    pool: Pool,
    options: Dispatcher.RequestOptions,
    longest = longestQueue,
  ): Promise<Dispatcher.ResponseData> {
    if (longest === 0 || pool.stats.queued > longest)
      throw new AppError('SERVICE_UNAVAILABLE', `The ${this.service} service is overloaded`, {
        retryAfter: 1,
      });
    try {
      return await this.requestOnceMore(pool, options);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
        throw new AppError('UPSTREAM_TIMEOUT', `The ${this.service} service did not answer in time`, {
          cause: error,
        });
      throw new AppError('SERVICE_UNAVAILABLE', `The ${this.service} service cannot be reached`, {
        retryAfter: 1,
        cause: error,
      });
    }
  }
}

/** The same object of words for ten minutes, so that public routes do not cost a signature each. */
function nobody(now: number): Identity {
  const issuedAt = Math.floor(now / 600_000) * 600;
  return { ...anonymous, issuedAt, expiresAt: issuedAt + 3600 };
}
