import type { Handler, PluginContext } from './plugin-context.js';

type AddRoute = (path: string, ...handlers: Handler[]) => void;

/** The application as a plugin sees it: the few words that most frameworks share. */
export interface PluginApp {
  get: AddRoute;
  post: AddRoute;
  put: AddRoute;
  patch: AddRoute;
  delete: AddRoute;
  use(handler: Handler): void;
}

export function pluginApp(context: Pick<PluginContext, 'addRoute' | 'addMiddleware'>): PluginApp {
  const adding =
    (method: string): AddRoute =>
    (path, ...handlers) =>
      context.addRoute(method, path, ...handlers);
  return {
    get: adding('GET'),
    post: adding('POST'),
    put: adding('PUT'),
    patch: adding('PATCH'),
    delete: adding('DELETE'),
    use: (handler) => context.addMiddleware(handler),
  };
}
