import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RevocationList } from '@switchyard/auth';
import type { Route } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import type { EventRuntime } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import { EnvelopeFilter, longestTransferMs, nestLogger, openListener } from '@switchyard/service';
import type { FastifyInstance } from 'fastify';
import { responseOn } from './data-plane/app-upgrade.js';
import { openDataPlane } from './data-plane/open-data-plane.js';
import type { SamplesTo } from './data-plane/sample-sink.js';
import { Authenticator } from './edge/authenticator.js';
import { answerClientError } from './edge/client-error.js';
import { trustedProxies } from './edge/client-address.js';
import { Edge } from './edge/edge.js';
import { OpenStreams } from './edge/open-streams.js';
import { logRequest } from './edge/log-request.js';
import { RefusalLog } from './edge/refusal-log.js';
import { createRouteMatcher } from './edge/route-matcher.js';
import type { Upstream } from './forwarding/upstream.js';
import { GatewayModule } from './gateway.module.js';
import { freshRobotLookup } from './known/fresh-robot.js';
import { KnownState } from './known/known-state.js';
import { Limiter } from './limits/limiter.js';
import { PostgresLimitStore } from './limits/postgres-limit-store.js';
import { GatewayMetrics } from './metrics/gateway-metrics.js';
import type { GatewayConfig } from './options.js';
import { GatewayReadiness } from './root/gateway-readiness.js';

/** What a connection was last answered with: a fault after it is told differently. */
const lastAnswer = Symbol('last answer');
type Answering = Duplex & { [lastAnswer]?: ServerResponse };

export interface GatewayParts {
  config: GatewayConfig & { TOKEN_ISSUER: string; TOKEN_AUDIENCE: string; ACCESS_TOKEN_SECONDS: number };
  database: ServiceDatabase;
  runtime: EventRuntime;
  upstreams: Readonly<Record<Route['service'], Upstream>>;
  /** Where what requests to plugins came to is sent. */
  samples?: SamplesTo;
  clock: () => number;
  logger: Logger;
}

export interface Gateway {
  known: KnownState;
  listen(host: string, port: number): Promise<string>;
  /** Takes nothing new, lets what runs finish within the bound, then cuts. */
  close(): Promise<void>;
}

export async function createGateway(parts: GatewayParts): Promise<Gateway> {
  const { config, clock, logger } = parts;
  const known = new KnownState(
    new RevocationList({ clock, longestTokenLifeSeconds: config.ACCESS_TOKEN_SECONDS }),
    () => authenticator.forgetRobots(),
  );
  const authenticator = new Authenticator(known, {
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    accessTokenSeconds: config.ACCESS_TOKEN_SECONDS,
    freshRobot: freshRobotLookup(parts.database, clock),
    clock,
  });
  const limits = new Limiter({ store: new PostgresLimitStore(parts.database), clock });
  const refusals = new RefusalLog(parts.database, clock, logger);
  const metrics = new GatewayMetrics(parts.runtime, parts.database);
  const readiness = new GatewayReadiness(known, Object.values(parts.upstreams), clock);
  const trustedProxy = trustedProxies(config.TRUSTED_PROXIES);
  const data = await openDataPlane({
    authenticator,
    known,
    limits,
    database: parts.database,
    follow: parts.runtime.follow,
    registry: metrics.registry,
    stateFolder: config.GATEWAY_STATE_DIR,
    samples: parts.samples ?? { sink: { send: () => Promise.resolve() } },
    trustedProxy,
    domain: config.APP_DOMAIN,
    maxStaleMs: config.APP_MAX_STALE_SECONDS,
    clock,
    logger,
  });
  const streams = new OpenStreams({ mostPerCaller: config.STREAMS_PER_USER, clock });
  const root = await createRoot(known, readiness, logger);
  const edge = new Edge({
    match: createRouteMatcher(),
    authenticator,
    known,
    limits,
    streams,
    budgets: {
      reads: config.RATE_LIMIT_READS,
      writes: config.RATE_LIMIT_WRITES,
      signIns: config.RATE_LIMIT_SIGN_INS,
    },
    upstreams: parts.upstreams,
    root: root.handle,
    observe: (request) => {
      metrics.observe(request);
      logRequest(logger, request);
    },
    refused: (refusal) => refusals.add(refusal),
    trustedProxy,
    origins: new Set(config.CORS_ORIGINS),
    clock,
    logger,
  });
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 15_000,
      // The longest that a file may take; the edge is stricter with other bodies.
      requestTimeout: longestTransferMs,
      keepAliveTimeout: 65_000,
      // The edge asks for it, in the envelope.
      requireHostHeader: false,
    },
    (request, response) => {
      (request.socket as Answering)[lastAnswer] = response;
      if (data.plane.takes(request)) data.plane.handle(request, response);
      else edge.handle(request, response);
    },
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    (request.socket as Answering)[lastAnswer] = response;
    if (data.plane.takes(request)) {
      // Said when the plugin is there to read the body.
      data.plane.handle(request, response, true);
      return;
    }
    response.writeContinue();
    edge.handle(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (data.plane.takes(request)) data.plane.upgrade(request, socket, head);
    else edge.handle(request, responseOn(request, socket));
  });
  // Also cuts who asks and never reads the answer.
  server.setTimeout(75_000);
  server.on('clientError', (error, socket) =>
    answerClientError(error, socket, (socket as Answering)[lastAnswer]),
  );
  server.on('checkExpectation', (request, response) => edge.refuseExpectation(request, response));
  known.follow(data.follow);
  await data.start();
  refusals.start();
  if (config.METRICS_PORT > 0)
    await openListener('METRICS_PORT', () => metrics.listen(config.METRICS_HOST, config.METRICS_PORT));
  return {
    known,
    listen: (host, port) => listen(server, host, port),
    async close() {
      readiness.stop();
      data.plane.closeStreams();
      streams.closeAll();
      await closeServer(server, config.SHUTDOWN_SECONDS * 1000);
      known.stop();
      await data.stop();
      await Promise.all([refusals.stop(), limits.close(), metrics.close()]);
      await root.app.close();
      await Promise.all(Object.values(parts.upstreams).map((upstream) => upstream.close()));
    },
  };
}

async function createRoot(known: KnownState, readiness: GatewayReadiness, logger: Logger) {
  const adapter = new FastifyAdapter({
    genReqId: () => '',
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true },
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.with({ known, readiness }),
    adapter,
    {
      logger: nestLogger(logger),
      abortOnError: false,
    },
  );
  app.useGlobalFilters(new EnvelopeFilter(logger));
  await app.init();
  const fastify = adapter.getInstance<FastifyInstance>();
  await fastify.ready();
  return {
    app,
    handle: (request: IncomingMessage, response: ServerResponse) => fastify.routing(request, response),
  };
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const shown = host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server, patienceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A kept-alive connection becomes idle only when its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
