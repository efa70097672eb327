import type { OutboundRequest } from './outbound-request.js';

/** Ours to set: they decide where the request goes and how it is framed. */
const OURS =
  /^(?:host|connection|content-length|transfer-encoding|accept|accept-encoding|user-agent|expect|upgrade|te)$/;
/** Meant for whom the caller named, not for whom that one sends us to. */
const SECRET = /^(?:authorization|cookie|proxy-authorization)$/;

export function requestHeaders(
  { headers = {}, accept = '*/*' }: OutboundRequest,
  { isSameOrigin }: { isSameOrigin: boolean },
): Record<string, string> {
  const sent: Record<string, string> = { accept, 'accept-encoding': 'identity', 'user-agent': 'switchyard' };
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase();
    if (!OURS.test(name) && (isSameOrigin || !SECRET.test(name))) sent[name] = value;
  }
  return sent;
}
