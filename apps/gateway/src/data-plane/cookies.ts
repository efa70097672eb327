/** A cookie of the platform is no plugin's to read or to set, whatever it puts before its name. */
const ours = /^(?:__(?:host|secure|http|host-http)-)?(?:switchyard|swy)/i;

const nameOf = (pair: string): string => {
  const equals = pair.indexOf('=');
  return (equals < 0 ? pair : pair.slice(0, equals)).trim();
};

/** What a plugin may see of the caller's cookies; nothing when none is left. */
export function cookiesForPlugin(header: string): string | undefined {
  if (!/switchyard|swy/i.test(header)) return header;
  const kept = header.split(';').filter((pair) => !ours.test(nameOf(pair)));
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}

/**
 * A plugin's cookie comes back to that plugin alone: for its own path and for the host that it was given on. Nothing for
 * one that cannot be held to that: `__Host-` asks for the whole host.
 */
export function scopedCookie(cookie: string, prefix: string): string | undefined {
  const [pair = '', ...attributes] = cookie.split(';');
  const name = nameOf(pair);
  // Browsers read a nameless cookie's value as a name, too.
  if (name === '' || ours.test(name) || /^__host-/i.test(name)) return undefined;
  let path = '/';
  const kept = attributes.filter((attribute) => {
    const attributeName = nameOf(attribute).toLowerCase();
    if (attributeName === 'path') path = attribute.slice(attribute.indexOf('=') + 1).trim();
    return attributeName !== 'path' && attributeName !== 'domain';
  });
  const own = path.startsWith('/') && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path) ? path : '/';
  const scoped = own === prefix || own.startsWith(`${prefix}/`) ? own : `${prefix}${own}`;
  return [pair, ` Path=${scoped}`, ...kept].join(';');
}
