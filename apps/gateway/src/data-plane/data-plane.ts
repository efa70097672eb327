import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { PluginIdentityIssuer } from '@switchyard/auth';
import { AppError, renderError } from '@switchyard/errors';
import { traceFrom, traceparentOf, type Logger } from '@switchyard/observability';
import { drained, toAppError } from '@switchyard/service';
import type { KnownState } from '../known/known-state.js';
import type { Admission, Admitted } from './admission.js';
import { isAppAddress } from './app-address.js';
import type { AppHost } from './app-host.js';
import { AppExchange, type ExchangeParts } from './app-exchange.js';
import { AppUpgrade, responseOn, type UpgradeParts } from './app-upgrade.js';
import type { Attempts } from './attempts.js';
import { forwardedHeaders } from './forwarded-headers.js';
import { healthAnswer } from './health-answer.js';
import { pluginHeaders } from './plugin-headers.js';
import type { PluginKeys } from './plugin-keys.js';
import type { RouteTable } from './route-table.js';

export interface DataPlaneParts {
  admission: Admission;
  attempts: Attempts;
  table: RouteTable;
  known: KnownState;
  identities: PluginIdentityIssuer;
  keys: PluginKeys;
  trustedProxy: (address: string) => boolean;
  hostOf: (host: string | undefined) => AppHost | undefined;
  observe: (status: number) => void;
  clock: () => number;
  logger: Logger;
}

export const pluginKeysPath = '/app/.well-known/jwks.json';
const sweepMs = 1_000;

/**
 * `/app`: a way of its own past Nest, Fastify and the edge. Its rules are the edge's where they concern who calls; how
 * much may be asked, and what is passed on, is each installation's.
 */
export class DataPlane {
  private readonly running = new Set<AppExchange | AppUpgrade>();
  private readonly sweep: NodeJS.Timeout;
  private readonly ways: ExchangeParts & UpgradeParts;

  constructor(private readonly parts: DataPlaneParts) {
    this.ways = {
      attempts: parts.attempts,
      renew: (admitted) => parts.admission.renew(admitted),
      headersFor: (request, admitted) => this.headersFor(request, admitted),
      answerHealth: (response, admitted, isHead) => {
        const health = healthAnswer(parts.table, admitted, parts.clock());
        answerJson(response, 200, {}, JSON.stringify(health), isHead);
      },
      answerError: (request, response, error) => this.answerError(request, response, error),
      ended: (each: AppExchange | AppUpgrade) => void this.running.delete(each),
    };
    this.sweep = setInterval(() => this.cutRefused(), sweepMs).unref();
  }

  /** All of `/app`, and everything on a host that is given to plugins: no page of the platform is served there. */
  takes(request: IncomingMessage): boolean {
    return isAppAddress(request.url) || this.parts.hostOf(request.headers.host) !== undefined;
  }

  handle(request: IncomingMessage, response: ServerResponse, expectsContinue = false): void {
    if (request.url === pluginKeysPath) {
      this.answerKeys(request, response);
      return;
    }
    try {
      const admitted = this.parts.admission.admit(request);
      if (!(admitted instanceof Promise)) this.exchange(request, response, admitted, expectsContinue);
      else
        admitted
          .then((late) => this.exchange(request, response, late, expectsContinue))
          .catch((error: unknown) => this.answerError(request, response, error));
    } catch (error) {
      this.answerError(request, response, error);
    }
  }

  /** Only WebSockets are spoken here beside HTTP; any other upgrade is declined by answering in HTTP. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { headers } = request;
    if (headers.upgrade?.toLowerCase() !== 'websocket' || request.method !== 'GET') {
      this.handle(request, responseOn(request, socket));
      return;
    }
    const refuse = (error: unknown) => this.answerError(request, responseOn(request, socket), error);
    const goOn = (admitted: Admitted) => {
      if (socket.destroyed) return;
      const upgrade = new AppUpgrade(this.ways, request, socket, head, admitted);
      this.begin(upgrade);
    };
    try {
      const admitted = this.parts.admission.admit(request);
      if (admitted instanceof Promise) admitted.then(goOn).catch(refuse);
      else goOn(admitted);
    } catch (error) {
      refuse(error);
    }
  }

  /** Nothing that has no end of its own holds a stop up; the rest may end. */
  closeStreams(): void {
    for (const each of this.running) if (each.isStream) each.cut();
  }

  close(): void {
    clearInterval(this.sweep);
    for (const each of this.running) each.cut();
  }

  get underWay(): number {
    return this.running.size;
  }

  private exchange(
    request: IncomingMessage,
    response: ServerResponse,
    admitted: Admitted,
    expectsContinue: boolean,
  ): void {
    if (response.destroyed) return;
    const exchange = new AppExchange(this.ways, request, response, admitted, expectsContinue);
    this.begin(exchange);
  }

  private begin(each: AppExchange | AppUpgrade): void {
    this.running.add(each);
    try {
      each.begin();
    } catch (error) {
      this.running.delete(each);
      throw error;
    }
  }

  /** Whoever may no longer call loses what they still have open. */
  private cutRefused(): void {
    const { known } = this.parts;
    for (const each of this.running) {
      const { identity, installation } = each.admitted;
      const status = known.tenants.get(installation.policy.tenantId)?.status;
      if ((identity && known.isRevoked(identity)) || (status !== undefined && status !== 'Active'))
        each.cut();
    }
  }

  private headersFor(request: IncomingMessage, admitted: Admitted): string[] {
    const { identities, trustedProxy } = this.parts;
    const { identity, installation } = admitted;
    const ours = forwardedHeaders(request, admitted.address.prefix, trustedProxy);
    ours.push('traceparent', traceparentOf(traceFrom(request.headers.traceparent as string | undefined)));
    ours.push(
      'X-Switchyard-Identity',
      identities.issue(identity, installation.key, installation.sameAudience),
    );
    return pluginHeaders(request.rawHeaders, request.headers.connection, ours);
  }

  private answerKeys(request: IncomingMessage, response: ServerResponse): void {
    const isHead = request.method === 'HEAD';
    if (request.method === 'GET' || isHead)
      answerJson(
        response,
        200,
        { 'cache-control': 'public, max-age=60' },
        JSON.stringify(this.parts.keys.jwks()),
        isHead,
      );
    else {
      const allow = { headers: { allow: 'GET, HEAD' } };
      this.answerError(
        request,
        response,
        new AppError('METHOD_NOT_ALLOWED', 'The keys are only read', allow),
      );
    }
  }

  private answerError(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    const { clock, logger, observe } = this.parts;
    if (request.readableAborted || response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const trace = traceFrom(request.headers.traceparent as string | undefined);
    const error =
      toAppError(thrown) ??
      new AppError('INTERNAL_ERROR', 'Something went wrong on our side', { cause: thrown });
    if (error.code === 'INTERNAL_ERROR')
      logger.error({ err: error.cause, traceId: trace.traceId }, 'a request to a plugin failed on our side');
    observe(error.status);
    const rendered = renderError(error, {
      traceId: trace.traceId,
      now: new Date(clock()),
      accept: request.headers.accept,
    });
    const headers = {
      ...rendered.headers,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      traceparent: traceparentOf(trace),
    };
    // A body that nobody reads would be read as the next request.
    const unread = !request.complete;
    answerJson(
      response,
      rendered.status,
      unread ? { ...headers, connection: 'close' } : headers,
      rendered.body,
      request.method === 'HEAD',
    );
    if (unread) void drained(request);
  }
}

function answerJson(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  isHead: boolean,
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(isHead ? '' : body);
}
