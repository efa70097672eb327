import { cookiesForPlugin } from './cookies.js';
import { HeaderKinds, hopByHop, namedByConnection } from './header-kinds.js';

const replaced = new Set([
  'authorization',
  'expect',
  'forwarded',
  'trailer',
  'traceparent',
  // Read by CGI-like servers as the address of a proxy to use (httpoxy).
  'proxy',
  'x-real-ip',
  'x-client-ip',
  'x-original-url',
  'x-rewrite-url',
  'x-user',
  'x-user-id',
  'x-username',
  'x-email',
  'x-roles',
  'x-groups',
  'x-tenant',
  'x-tenant-id',
  'x-http-method-override',
  'remote-user',
  'remote-addr',
]);
const replacedPrefixes = [
  'x-switchyard-',
  'x-forwarded-',
  'x-remote-',
  'x-auth-',
  'x-authenticated-',
  'x-webauth-',
  'x-ssl-',
  'x-client-cert',
];

type Kind = 'keep' | 'drop' | 'cookie';

/** Servers that turn names into variables cannot tell `X_Forwarded_For` from `X-Forwarded-For`. */
const kinds = new HeaderKinds<Kind>((name) => {
  if (name === 'cookie') return 'cookie';
  const read = name.replaceAll('_', '-');
  const isOurs =
    replaced.has(read) || hopByHop.has(read) || replacedPrefixes.some((prefix) => read.startsWith(prefix));
  // What frames the message has one spelling.
  const framesFalsely = name !== read && (read === 'content-length' || read === 'host');
  return isOurs || framesFalsely ? 'drop' : 'keep';
});

/**
 * The caller's headers as a plugin may see them: nothing that was meant for us, for this connection, or that only we may
 * say. `ours` comes behind.
 */
export function pluginHeaders(
  rawHeaders: readonly string[],
  connection: string | undefined,
  ours: readonly string[],
): string[] {
  const dropped = namedByConnection(connection);
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    const kind = kinds.of(name);
    if (kind === 'drop' || (dropped && dropped.has(name.toLowerCase()))) continue;
    if (kind === 'keep') headers.push(name, value);
    else {
      const cookies = cookiesForPlugin(value);
      if (cookies !== undefined) headers.push(name, cookies);
    }
  }
  for (const word of ours) headers.push(word);
  return headers;
}
