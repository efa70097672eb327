import { allRoutes, type HttpMethod, type Route } from '@switchyard/contracts';
import createRouter from 'find-my-way';

export interface MatchedPath {
  /** What may be done at this path. */
  methods: ReadonlyMap<string, Route>;
  params: Readonly<Record<string, string | undefined>>;
}

/** Finds the rows of the route table for a path: all methods of it, so that a wrong one is told from a wrong path. */
export function createRouteMatcher(
  routes: readonly Route[] = allRoutes,
): (path: string) => MatchedPath | undefined {
  const router = createRouter({ maxParamLength: 300, caseSensitive: true });
  const byPath = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = byPath.get(route.path) ?? new Map<HttpMethod, Route>();
    if (methods.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    methods.set(route.method, route);
    byPath.set(route.path, methods);
  }
  for (const [path, methods] of byPath) {
    const get = methods.get('GET');
    if (get) methods.set('HEAD', get);
    router.on('GET', path, () => undefined, methods);
  }
  return (path) => {
    const found = router.find('GET', path);
    return found ? { methods: found.store as ReadonlyMap<string, Route>, params: found.params } : undefined;
  };
}
