import { allRoutes, type Route } from '@switchyard/contracts';
import { AppError } from '@switchyard/errors';
import type { FastifyInstance, preParsingHookHandler } from 'fastify';
import { bodyLimitOf } from './call.js';
import { parseJsonBody } from './json-body.js';

const rowOf = new Map<string, Route>(allRoutes.map((route) => [`${route.method} ${route.path}`, route]));
const uploadTypes = [...new Set(allRoutes.flatMap(({ upload }) => upload ?? []))];

export const wrongType = (expected: readonly string[]): AppError =>
  new AppError('UNSUPPORTED_MEDIA_TYPE', `Send ${expected.join(', ')}`);

const refuseOther =
  (types: readonly string[]): preParsingHookHandler =>
  (request, _reply, payload, done) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (types.includes(type)) done(null, payload);
    else done(wrongType(types));
  };

/** Reads a body as its row of the table says: JSON up to the row's limit, or a file that is handed on as it comes. */
export function acceptBodiesOfTheTable(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (options) => {
    const row = rowOf.get(`${String(options.method)} ${options.url}`);
    if (!row) return;
    options.bodyLimit = bodyLimitOf(row);
    if (!row.upload) return;
    // How large a file may be is the handler's: it counts while it reads. Other bodies would be read whole before.
    options.bodyLimit = Number.MAX_SAFE_INTEGER;
    options.preParsing = refuseOther(row.upload);
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    /^application\/([a-z0-9.+-]+\+)?json(\s*;.*)?$/i,
    { parseAs: 'buffer' },
    (_request, body, done) => {
      try {
        done(null, parseJsonBody(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  fastify.addContentTypeParser(uploadTypes, (request, body, done) => {
    const row = rowOf.get(`${request.method} ${request.routeOptions.url ?? ''}`);
    if (row?.upload) done(null, body);
    else done(wrongType(['application/json']));
  });
}
