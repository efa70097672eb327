import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { Handler, PluginContext } from './plugin-context.js';
import { PluginError } from './plugin-error.js';
import type { Plugin } from './plugin.js';

interface Fastify {
  routing: Handler;
  ready(): PromiseLike<unknown>;
  close(): PromiseLike<unknown>;
  server: EventEmitter;
}

/**
 * Makes a plugin of what a module exports: of a plugin as it is, and of what answers requests by itself, which is a
 * function of a request and a response (as Express has it), a Fastify instance and a server that does not listen.
 */
export function asPlugin(exported: unknown, name: string): Plugin {
  const found = unwrap(exported);
  if (isPlugin(found)) return found;
  if (isFastify(found))
    return {
      name,
      load: async (_app, _config, context) => {
        await found.ready();
        context.addMiddleware(raw((req, res) => found.routing(req, res, () => undefined)));
        passUpgrades(found.server, context);
      },
      unload: () => found.close(),
    };
  if (isServer(found))
    return {
      name,
      load: (_app, _config, context) => {
        context.addMiddleware(raw((req, res) => found.emit('request', req, res)));
        passUpgrades(found, context);
      },
    };
  if (typeof found === 'function')
    return { name, load: (_app, _config, context) => context.addMiddleware(raw(found as Handler)) };
  throw new PluginError(
    `The module of ${name} exports ${describe(found)}; a plugin { name, load(app, config, context) }, ` +
      'a function (req, res), a Fastify instance or an http.Server is expected',
  );
}

const rawHandlers = new WeakSet<Handler>();

/** It reads bodies by itself. */
export const isRaw = (handler: Handler): boolean => rawHandlers.has(handler);

function raw(handler: Handler): Handler {
  rawHandlers.add(handler);
  return handler;
}

function passUpgrades(server: EventEmitter, context: PluginContext): void {
  if (server.listenerCount('upgrade') > 0)
    context.onUpgrade((req: IncomingMessage, socket: Duplex, head: Buffer) =>
      server.emit('upgrade', req, socket, head),
    );
}

/** `export default` of a CommonJS module that was compiled from ESM lies one deeper. */
function unwrap(exported: unknown): unknown {
  if (isPlugin(exported) || !isObject(exported) || !('default' in exported)) return exported;
  return unwrap(exported.default);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isPlugin = (value: unknown): value is Plugin =>
  isObject(value) && typeof value.load === 'function' && typeof value.name === 'string';

const isFastify = (value: unknown): value is Fastify =>
  isObject(value) && typeof value.routing === 'function' && typeof value.ready === 'function';

const isServer = (value: unknown): value is EventEmitter =>
  isObject(value) && typeof value.emit === 'function' && typeof value.listen === 'function';

function describe(value: unknown): string {
  if (!isObject(value)) return value === null ? 'null' : typeof value;
  const names = Object.keys(value);
  return names.length === 0 ? 'an empty object' : `an object with ${names.slice(0, 8).join(', ')}`;
}
