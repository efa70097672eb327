/** What `/app/{plugin}/{rest}` names. The rest goes on as it is written: only the plugin may read it. */
export interface AppAddress {
  plugin: string;
  /** As the caller wrote it: where the plugin's own paths begin for them. */
  prefix: string;
  /** Path and query for the plugin. */
  target: string;
  /** `target` without its query. */
  path: string;
  query: string;
}

export const appRoot = '/app/';
const name = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;
/** Node's parser lets some pass that no two readers understand alike. */
const strange = /[^!-~]|[\\#]/;

/** In absolute form, too, as a proxy may send it. */
export const isAppAddress = (url: string | undefined): boolean =>
  url !== undefined &&
  (url.startsWith(appRoot) ||
    (url.startsWith('/') ? /^\/app(?:$|\?)/.test(url) : /^https?:\/\/[^/?]*\/app(?:[/?]|$)/i.test(url)));

/** Nothing for an address that names no plugin. Older plugins are written with `_`, which no id has. */
export function parseAppAddress(url: string): AppAddress | undefined {
  if (!url.startsWith(appRoot) || strange.test(url)) return undefined;
  let end = appRoot.length;
  for (; end < url.length; end += 1) {
    const char = url.charCodeAt(end);
    if (char === 47 || char === 63) break;
  }
  const segment = url.slice(appRoot.length, end);
  if (!name.test(segment)) return undefined;
  const rest = url.slice(end);
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  const question = target.indexOf('?');
  return {
    plugin: segment.includes('_') ? segment.replaceAll('_', '-') : segment,
    prefix: url.slice(0, end),
    target,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
  };
}
