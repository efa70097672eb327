import type { RoutePolicy } from '@switchyard/contracts';

type PublicRoutes = RoutePolicy['publicRoutes'];

/** Ways to write a path that a plugin may read as another one: whoever has no token must write plainly. */
const ambiguous = /\/\/|\/\.{1,2}(?:\/|$)|%2e|%2f|%5c|%00|[\\;]/i;

/** Whether anybody may call this without a token. */
export function publicRouteMatcher(routes: PublicRoutes): (method: string, path: string) => boolean {
  if (routes.length === 0) return () => false;
  const rows = routes.map(({ methods, path }) => ({ methods: new Set(methods), pattern: patternOf(path) }));
  return (method, path) => {
    if (ambiguous.test(path)) return false;
    return rows.some(
      ({ methods, pattern }) =>
        (methods.has(method) || (method === 'HEAD' && methods.has('GET'))) && pattern.test(path),
    );
  };
}

/** `:name` and `*` are one part of a path, `**` at the end is all that follows. */
function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part, index, all) => {
    if (part === '**' && index === all.length - 1) return '.*';
    if (part === '*' || part.startsWith(':') || /^\{.*\}$/.test(part)) return '[^/]+';
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
