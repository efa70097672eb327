import { isRaw } from './as-plugin.js';
import type { Handler, Next } from './plugin-context.js';
import type { PluginRequest } from './plugin-request.js';
import type { PluginResponse } from './plugin-response.js';
import { BodyError, readBody } from './read-body.js';
import { RoutePattern, type Params } from './route-pattern.js';

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

interface Route {
  readonly method: string;
  readonly pattern: RoutePattern;
  readonly handlers: readonly Handler[];
}

/** The middleware and routes of one plugin. */
export class PluginRouter {
  readonly #routes: Route[] = [];
  readonly #middleware: Handler[] = [];
  readonly #onError: (error: unknown, req: PluginRequest) => void;

  constructor(onError: (error: unknown, req: PluginRequest) => void) {
    this.#onError = onError;
  }

  addMiddleware(handler: Handler): void {
    assertHandlers('middleware', [handler]);
    this.#middleware.push(handler);
  }

  addRoute(method: string, path: string, handlers: readonly Handler[]): void {
    const verb = method.toUpperCase();
    if (!METHODS.includes(verb))
      throw new TypeError(`addRoute: method ${method}; one of ${METHODS.join(', ')} is expected`);
    assertHandlers(`route ${verb} ${path}`, handlers);
    this.#routes.push({ method: verb, pattern: new RoutePattern(path), handlers });
  }

  /** `unmatched` answers what no route takes. */
  handle(req: PluginRequest, res: PluginResponse, unmatched: Handler): void {
    const fail = (error: unknown): void => this.#fail(error, req, res);
    const found = this.#find(req);
    if (found) req.params = found.params;
    const handlers = [...this.#middleware, ...(found?.handlers ?? []), unmatched];
    if (handlers.length === 1 || handlers.some(isRaw)) return run(handlers, { req, res, fail });
    readBody(req).then((body) => {
      req.body = body;
      run(handlers, { req, res, fail });
    }, fail);
  }

  /** The first one that was added; a GET takes HEAD as well, unless that has its own. */
  #find(req: PluginRequest): { handlers: readonly Handler[]; params: Params } | undefined {
    const methods = req.method === 'HEAD' ? ['HEAD', 'GET'] : [req.method ?? 'GET'];
    for (const wanted of methods)
      for (const { method, pattern, handlers } of this.#routes) {
        const params = method === wanted ? pattern.match(req.path) : undefined;
        if (params) return { handlers, params };
      }
    return undefined;
  }

  #fail(error: unknown, req: PluginRequest, res: PluginResponse): void {
    if (error instanceof BodyError) return answer(res, error.status, error.message);
    this.#onError(error, req);
    if (res.headersSent) res.destroy();
    else answer(res, 500, 'The plugin failed');
  }
}

/** Each handler decides by `next` whether another one has its turn, at once or later. */
function run(
  handlers: readonly Handler[],
  { req, res, fail }: { req: PluginRequest; res: PluginResponse; fail: (error: unknown) => void },
): void {
  const turn = (index: number): void => {
    const handler = handlers[index];
    if (!handler || res.writableEnded) return;
    let over = false;
    const next: Next = (error) => {
      if (over) return;
      over = true;
      if (error === undefined || error === null) turn(index + 1);
      else fail(error);
    };
    try {
      Promise.resolve(handler(req, res, next)).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  turn(0);
}

function answer(res: PluginResponse, status: number, message: string): void {
  if (res.writableEnded) return;
  if (status === 413) res.setHeader('connection', 'close');
  res.status(status).json({ error: { message } });
}

function assertHandlers(what: string, handlers: readonly unknown[]): void {
  if (handlers.length === 0 || handlers.some((handler) => typeof handler !== 'function'))
    throw new TypeError(`${what}: a handler is missing or no function`);
}
