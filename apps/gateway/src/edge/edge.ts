import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '@switchyard/auth';
import type { Route } from '@switchyard/contracts';
import { AppError, renderError } from '@switchyard/errors';
import { traceFrom, traceparentOf, type Logger } from '@switchyard/observability';
import { attachCall, drained, toAppError, type EdgeCall } from '@switchyard/service';
import type { Upstream } from '../forwarding/upstream.js';
import type { KnownState } from '../known/known-state.js';
import { accepts } from './accept.js';
import type { Authenticator } from './authenticator.js';
import { authorise } from './authorise.js';
import { clientAddress } from './client-address.js';
import { answerPreflight, applyCors } from './cors.js';
import { boundTheBody } from './bound-the-body.js';
import { mistakeIn } from './mistake-in.js';
import { budgetsOf, limitHeaders, type Budgets, type RequestLimits } from './request-limits.js';
import type { OpenStreams } from './open-streams.js';
import { identityOrRefusal, identityRefused } from './identity-refused.js';
import type { MatchedPath } from './route-matcher.js';

export interface EdgeParts {
  match: (path: string) => MatchedPath | undefined;
  authenticator: Authenticator;
  known: KnownState;
  limits: RequestLimits;
  streams: OpenStreams;
  budgets: Budgets;
  upstreams: Readonly<Record<Route['service'], Upstream>>;
  /** Everything outside `/api/`. */
  root: (request: IncomingMessage, response: ServerResponse) => void;
  observe: (request: ObservedRequest) => void;
  refused: (refusal: Refusal) => void;
  trustedProxy: (address: string) => boolean;
  origins: ReadonlySet<string>;
  clock: () => number;
  logger: Logger;
}

export interface ObservedRequest {
  method: string;
  route: string;
  status: number;
  milliseconds: number;
  /** How long that took was its caller's choice. */
  streamed: boolean;
  call: EdgeCall;
}

export interface Refusal {
  call: EdgeCall;
  tenant: string | null;
  route: string;
  code: string;
}

const securityHeaders: readonly [string, string][] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
  ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
];
const apiPolicy = "default-src 'none'; frame-ancestors 'none'";
const maxUrl = 8_000;
const rootPaths = /^\/(health(\/ready)?|docs(\/.*)?|openapi\.json|\.well-known\/jwks\.json)?$/;

/** What a request is, as far as its way through the edge has found out. */
interface Passage {
  request: IncomingMessage;
  response: ServerResponse;
  call: EdgeCall;
  started: number;
  route: Route | undefined;
  /** The page that asks may read the answer. */
  cors: boolean;
}

/**
 * The way in: match, authenticate, limit, authorise, hand over. Plain functions on node's own request, before Nest and
 * Fastify: a refused request costs next to nothing, and one that passes is not parsed twice.
 */
export class Edge {
  constructor(private readonly parts: EdgeParts) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    const passage = this.enter(request, response);
    const mistake = mistakeIn(request);
    if (mistake) {
      this.answer(passage, mistake);
      return;
    }
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    if (!path.startsWith('/api/')) {
      this.outside(passage, path);
      return;
    }
    this.api(passage, path).catch((error: unknown) => this.answer(passage, error));
  }

  private enter(request: IncomingMessage, response: ServerResponse): Passage {
    const trace = traceFrom(request.headers.traceparent as string | undefined);
    const call: EdgeCall = {
      identity: null,
      trace,
      address: clientAddress(request, this.parts.trustedProxy),
    };
    for (const [name, value] of securityHeaders) response.setHeader(name, value);
    response.setHeader('traceparent', traceparentOf(trace));
    const cors = applyCors(request, response, this.parts.origins);
    const passage: Passage = { request, response, call, started: performance.now(), route: undefined, cors };
    response.once('finish', () => this.finished(passage));
    return passage;
  }

  /** Health, keys and documentation: only to be read. */
  private outside(passage: Passage, path: string): void {
    const { request, response, call } = passage;
    const { method = '' } = request;
    if (method === 'GET' || method === 'HEAD' || !rootPaths.test(path)) {
      attachCall(request, call);
      this.parts.root(request, response);
    } else if (method === 'OPTIONS') answerPreflight(response, 'GET, HEAD, OPTIONS', passage.cors);
    else
      this.answer(
        passage,
        new AppError('METHOD_NOT_ALLOWED', `${method} is not possible here; use GET, HEAD`, {
          headers: { allow: 'GET, HEAD, OPTIONS' },
        }),
      );
  }

  /** Node answers `100-continue` by itself; any other expectation ends here. */
  refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
    const refusal = new AppError('EXPECTATION_FAILED', 'Only `Expect: 100-continue` can be met');
    this.answer(this.enter(request, response), refusal);
  }

  private async api(passage: Passage, path: string): Promise<void> {
    const { request, response } = passage;
    const { parts } = this;
    response.setHeader('content-security-policy', apiPolicy);
    if ((request.url?.length ?? 0) > maxUrl)
      throw new AppError('URI_TOO_LONG', `The address is longer than ${maxUrl} characters`);
    const found = parts.match(path);
    if (!found) throw new AppError('NOT_FOUND', 'There is nothing at this address');
    const allow = [...found.methods.keys(), 'OPTIONS'].join(', ');
    if (request.method === 'OPTIONS') {
      answerPreflight(response, allow, passage.cors);
      return;
    }
    const route = found.methods.get(request.method ?? '');
    if (!route)
      throw new AppError('METHOD_NOT_ALLOWED', `${request.method ?? ''} is not possible here; use ${allow}`, {
        headers: { allow },
      });
    passage.route = route;
    boundTheBody(request, route, () =>
      this.answer(passage, new AppError('REQUEST_TIMEOUT', 'The request did not arrive in time')),
    );
    const coding = request.headers['content-encoding'];
    if (coding !== undefined && coding.toLowerCase() !== 'identity')
      throw new AppError(
        'UNSUPPORTED_MEDIA_TYPE',
        `A body coded as ${coding} is not read here; send it as it is`,
        {
          headers: { 'accept-encoding': 'identity' },
        },
      );
    const files = route.download ?? route.stream;
    if (!accepts(request.headers.accept, files))
      throw new AppError(
        'NOT_ACCEPTABLE',
        `This is only answered as ${(files ?? ['application/json']).join(', ')}`,
      );
    if (route.roles !== 'public') {
      const identity = this.identify(request);
      passage.call = { ...passage.call, identity: identity instanceof Promise ? await identity : identity };
    }
    const mayPass = () => this.mayPass(passage, route, found.params);
    const refusal = mayPass();
    const taken = this.count(passage, route, refusal !== undefined);
    if (taken) await taken;
    if (refusal) throw refusal;
    if (route.stream) this.stream(passage, mayPass);
    // Whatever proves who calls ends here.
    delete request.headers.authorization;
    delete request.headers.cookie;
    passage.call = { ...passage.call, recheck: mayPass };
    await parts.upstreams[route.service].handle(request, response, passage.call, route);
  }

  /** It may go on for longer than its caller's token or rights do. */
  private stream({ request, response, call }: Passage, mayPass: () => AppError | undefined): void {
    const { identity } = call;
    const { authorization } = request.headers;
    if (!identity) return;
    const refusal = this.parts.streams.begin({
      response,
      identity,
      mayGoOn: () => {
        if (mayPass()) return false;
        const known = this.parts.authenticator.authenticate(authorization);
        return known instanceof Promise ? known.then(({ ok }) => ok) : known.ok;
      },
    });
    if (refusal) throw refusal;
  }

  /** As far as this gateway knows now: asked when the headers came and again when the body has. */
  private mayPass(passage: Passage, route: Route, params: MatchedPath['params']): AppError | undefined {
    const { known } = this.parts;
    const { identity } = passage.call;
    if (identity && known.isRevoked(identity)) return identityRefused('revoked');
    return authorise({ route, identity, params, tenantOf: (id) => known.tenants.get(id) });
  }

  private identify(request: IncomingMessage): Identity | Promise<Identity> {
    const result = this.parts.authenticator.authenticate(request.headers.authorization);
    return result instanceof Promise ? result.then(identityOrRefusal) : identityOrRefusal(result);
  }

  /** A refused request is its caller's own: it takes nothing from the tenant's others. */
  private count(passage: Passage, route: Route, refused: boolean): Promise<void> | undefined {
    const { parts } = this;
    const budgets = budgetsOf(route, passage.call, parts.budgets, (id) => parts.known.tenants.get(id));
    const decision = parts.limits.takeAll(refused ? budgets.slice(0, 1) : budgets);
    const apply = (taken: Awaited<typeof decision>) => {
      for (const [name, value] of limitHeaders(taken)) passage.response.setHeader(name, value);
      if (taken.allowed) return;
      throw new AppError('RATE_LIMIT_EXCEEDED', `The limit of ${taken.limit} requests a minute is used up`, {
        retryAfter: taken.resetAt - parts.clock() / 1000,
      });
    };
    if (decision instanceof Promise) return decision.then(apply);
    apply(decision);
    return undefined;
  }

  private answer(passage: Passage, thrown: unknown): void {
    const { request, response, call } = passage;
    // Nobody is left to answer, and nothing of ours failed.
    if (request.readableAborted) {
      response.destroy();
      return;
    }
    const error =
      toAppError(thrown) ??
      new AppError('INTERNAL_ERROR', 'Something went wrong on our side', { cause: thrown });
    if (error.status >= 500)
      this.parts.logger.error(
        { err: error.cause ?? error, traceId: call.trace.traceId, route: passage.route?.id },
        error.message,
      );
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { status, headers, body } = renderError(error, {
      traceId: call.trace.traceId,
      now: new Date(this.parts.clock()),
      accept: request.headers.accept,
    });
    const isOver = request.complete || status === 408;
    // A body that nobody reads would be read as the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    const shown = request.method === 'HEAD' ? '' : body;
    if (isOver) response.end(shown);
    else {
      response.write(shown);
      void drained(request).then(() => response.end());
    }
    if (
      passage.route &&
      (error.code === 'UNAUTHORIZED' ||
        error.code === 'FORBIDDEN' ||
        (error.code === 'NOT_FOUND' && call.identity))
    )
      this.parts.refused({
        call,
        tenant: call.identity?.tenant ?? null,
        route: passage.route.id,
        code: error.code,
      });
  }

  private finished({ request, response, call, started, route }: Passage): void {
    this.parts.observe({
      method: request.method ?? '',
      route: route?.id ?? 'none',
      status: response.statusCode,
      milliseconds: performance.now() - started,
      streamed: route?.stream !== undefined,
      call,
    });
  }
}
