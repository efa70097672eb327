import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Identity } from '@switchyard/auth';
import type { ServiceDatabase } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import { traceFrom, type Logger } from '@switchyard/observability';
import type { FastifyInstance } from 'fastify';
import { attachCall, attachedCall, maxJsonBytes } from './call.js';
import { acceptBodiesOfTheTable } from './bodies-of-the-table.js';
import { EnvelopeFilter } from './envelope.filter.js';
import { answerNotModified } from './not-modified.js';
import { honourIdempotencyKeys } from './idempotency/idempotency.js';
import { nestLogger } from './nest-logger.js';
import { isForPeer, mustBePeer, type PeerDoor } from './peer-door.js';
import { isDatabaseTrouble } from './to-app-error.js';

/** Whether a part can do its work, and if not why and whether waiting helps. */
export interface Readiness {
  part: string;
  ready: boolean;
  reason?: string;
}

export interface ServiceOptions {
  name: string;
  module: DynamicModule;
  logger: Logger;
  /** Checks the gateway's identity token; left out when the service only runs inside the platform's process. */
  verifyIdentity?: ((token: string) => Identity | Promise<Identity>) | undefined;
  /** Event consumers run beside HTTP, as a Nest hybrid application. */
  events?: CustomTransportStrategy | undefined;
  readiness: () => Promise<Readiness[]>;
  /** What gateways alone may ask, past the table of routes. */
  internal?: ((fastify: FastifyInstance) => void) | undefined;
  /** What another service may ask in its own name. */
  door?: PeerDoor | undefined;
  /** Keeps Idempotency-Keys; the schema has `idempotencyStatements`. */
  database: ServiceDatabase;
}

export interface Service {
  name: string;
  app: NestFastifyApplication;
  /** For the gateway in the same process: no socket, no buffering. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  listen(host: string, port: number): Promise<string>;
  readiness(): Promise<Readiness[]>;
  close(): Promise<void>;
}

/** A large artefact over a slow line. */
export const longestTransferMs = 3_600_000;

export const identityHeader = 'x-switchyard-identity';
export const addressHeader = 'x-switchyard-address';

/** A service's Nest application, ready to be handed requests by the gateway, in this process or over HTTP. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const adapter = new FastifyAdapter({
    bodyLimit: maxJsonBytes,
    routerOptions: { maxParamLength: 300 },
    // Only the gateway calls, and it sends other bodies when it has them whole.
    requestTimeout: longestTransferMs,
    exposeHeadRoutes: true,
    // While it stops, what still arrives on an open connection is answered like anything else.
    return503OnClosing: false,
    // The gateway tells the time and the trace; a second id per request would only cost.
    genReqId: () => '',
  });
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    bodyParser: false,
    logger: nestLogger(options.logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  acceptBodiesOfTheTable(fastify);
  // Hooks call back instead of promising: a request that needs nothing of them shall not wait for a tick each.
  fastify.addHook('onRequest', (request, _reply, done) => {
    // First, and whatever is attached: what a gateway hands over never was another service's.
    if (isForPeer(request)) {
      mustBePeer(options.door, attachedCall(request.raw) ? undefined : request.headers[identityHeader]).then(
        () => done(),
        done,
      );
      return;
    }
    if (attachedCall(request.raw) || request.url.startsWith('/health')) {
      done();
      return;
    }
    callOverHttp(request.raw, options).then((call) => {
      attachCall(request.raw, call);
      done();
    }, done);
  });
  fastify.addHook('preHandler', (request, _reply, done) => done(attachedCall(request.raw)?.recheck?.()));
  fastify.addHook('onSend', answerNotModified);
  honourIdempotencyKeys(fastify, options.database, options.logger);
  serveHealth(fastify, options);
  options.internal?.(fastify);
  options.door?.routes(fastify);
  app.useGlobalFilters(new EnvelopeFilter(options.logger));
  if (options.events) app.connectMicroservice({ strategy: options.events }, { inheritAppConfig: false });
  await app.init();
  await fastify.ready();
  if (options.events) await app.startAllMicroservices();
  return {
    name: options.name,
    app,
    handle: (request, response) => fastify.routing(request, response),
    async listen(host, port) {
      await app.listen(port, host);
      return `http://${host}:${(app.getHttpServer().address() as AddressInfo).port}`;
    },
    readiness: options.readiness,
    close: () => app.close(),
  };
}

async function callOverHttp(request: IncomingMessage, options: ServiceOptions) {
  const token = request.headers[identityHeader];
  const { verifyIdentity } = options;
  if (!verifyIdentity || typeof token !== 'string')
    throw new AppError('UNAUTHORIZED', 'Only the gateway may call a service');
  const verify = async () => await verifyIdentity(token);
  const identity = await verify().catch((error: unknown) => {
    // It could not be looked up: that says nothing of whoever calls.
    if (isDatabaseTrouble(error)) throw error;
    throw new AppError('UNAUTHORIZED', "The gateway's identity was refused", { cause: error });
  });
  const address = request.headers[addressHeader];
  return {
    identity: identity.subject === anonymous.subject ? null : identity,
    trace: traceFrom(request.headers['traceparent'] as string | undefined),
    address: typeof address === 'string' ? address : 'unknown',
  };
}

/** Stands for nobody on public routes: the service still has to know that it is the gateway that calls. */
export const anonymous: Omit<Identity, 'issuedAt' | 'expiresAt'> = {
  subject: 'anonymous',
  username: 'anonymous',
  kind: 'user',
  role: 'PluginDeveloper',
  tenant: null,
  publishers: [],
  tokenId: 'anonymous',
};

/** A gateway that speaks for itself and for none of its callers: no person's or robot's id looks like this. */
export const gatewayItself: typeof anonymous = {
  ...anonymous,
  subject: 'gateway',
  username: 'gateway',
  tokenId: 'gateway',
};

export const isGateway = (identity: Identity | null | undefined): boolean =>
  identity?.subject === gatewayItself.subject && identity.tokenId === gatewayItself.tokenId;

function serveHealth(fastify: FastifyInstance, options: ServiceOptions): void {
  fastify.get('/health', () => ({ status: 'live', service: options.name }));
  fastify.get('/health/ready', async (_request, reply) => {
    const parts = await options.readiness();
    return reply.status(parts.every((p) => p.ready) ? 200 : 503).send({ service: options.name, parts });
  });
}
