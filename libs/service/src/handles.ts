import { Readable } from 'node:stream';
import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import type { Route, RouteInput, RouteOutput } from '@switchyard/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { wrongType } from './bodies-of-the-table.js';
import { attachedCall, type EdgeCall } from './call.js';
import { etagOf, parseIfMatch, type IfMatch } from './if-match.js';
import { validateParts } from './validate.js';

/** Everything a handler gets: the checked parts of its route and who calls. */
export interface HandlerInput<R extends Route> extends RouteInput<R> {
  call: EdgeCall;
  ifMatch: IfMatch;
  /** The version of what is answered, for the ETag header; with the answer where it holds more than has a version. */
  setVersion: (version: number, shown?: unknown) => void;
  /** It was there already: 200 instead of 201. */
  repeated: () => void;
  /** The file of a route that takes one. */
  file: R extends { upload: readonly string[] } ? Readable : undefined;
  /** Of the body, as its sender says; unknown when it comes in chunks. */
  announcedBytes: number | undefined;
}

export type HandlerOutput<R extends Route> = Promise<RouteOutput<R>>;

const routeKey = Symbol('route');

/** Binds a method to a row of the route table: method, path and status come from there. */
export const Handles = (route: Route): MethodDecorator =>
  applyDecorators(
    RequestMapping({ path: route.path, method: RequestMethod[route.method] }),
    HttpCode(route.success.status),
    SetMetadata(routeKey, route),
  );

/** The checked input of the row that the method handles. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext): HandlerInput<Route> => {
  const route = Reflect.getMetadata(routeKey, context.getHandler()) as Route;
  const http = context.switchToHttp();
  return readInput(route, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});

const noFields = z.strictObject({});

const isEmpty = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);

const lengthOf = (header: string | undefined): number | undefined =>
  header === undefined ? undefined : Number(header);

function readInput(route: Route, request: FastifyRequest, reply: FastifyReply): HandlerInput<Route> {
  const call = attachedCall(request.raw);
  if (!call) throw new Error('a request reached a handler without the gateway');
  const parts: { part: 'params' | 'query' | 'body'; schema: z.ZodType; input: unknown }[] = [];
  if (route.params) parts.push({ part: 'params', schema: route.params, input: request.params });
  if (route.query || !isEmpty(request.query))
    parts.push({ part: 'query', schema: route.query ?? noFields, input: { ...(request.query as object) } });
  if (route.body)
    parts.push({
      part: 'body',
      schema: route.body,
      input: request.body ?? (route.bodyOptional ? {} : undefined),
    });
  else if (!route.upload && !isEmpty(request.body))
    parts.push({ part: 'body', schema: noFields, input: request.body });
  const { params, query, body } = validateParts(parts);
  if (route.upload && !(request.body instanceof Readable)) throw wrongType(route.upload);
  return {
    params: params ?? {},
    query: query ?? {},
    body,
    call,
    ifMatch: route.ifMatch ? parseIfMatch(request.headers['if-match']) : undefined,
    setVersion: (version, shown) => void reply.header('etag', etagOf(version, shown)),
    repeated: () => void reply.status(200),
    file: route.upload ? request.body : undefined,
    announcedBytes: lengthOf(request.headers['content-length']),
  } as HandlerInput<Route>;
}
