import type { AllowList } from './allow-list.js';
import { BLOCKED_PORTS } from './blocked-ports.js';
import { OutboundRefusedError } from './outbound-refused-error.js';

export interface CheckedUrl {
  readonly url: URL;
  /** Without the brackets of an IPv6 address and the dot at a name's end. */
  readonly hostname: string;
  readonly port: number;
  /** Its addresses need no check. */
  readonly isAllowed: boolean;
}

const MAX_URL_LENGTH = 2048;

/** What the text alone tells; where the host leads is another question. `from` is what redirected to it. */
export function checkUrl(text: string, allow: AllowList, from?: URL): CheckedUrl {
  // The URL parser drops white space and control characters where it likes; another one may not.
  if (text.length > MAX_URL_LENGTH || /[\s\p{Cc}\\]/u.test(text)) throw new OutboundRefusedError('bad-url');
  if (!URL.canParse(text, from?.href)) throw new OutboundRefusedError(from ? 'bad-redirect' : 'bad-url');
  const url = new URL(text, from?.href);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutboundRefusedError('scheme');
  url.hostname = url.hostname.replace(/\.$/, '');
  url.hash = '';
  const { hostname: host } = url;
  if (host === '' || host.endsWith('.')) throw new OutboundRefusedError('bad-url');
  if (url.username !== '' || url.password !== '') throw new OutboundRefusedError('credentials', host);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const isAllowed = allow.hasHost({ hostname: host, port });
  if (url.protocol === 'http:') {
    if (from?.protocol === 'https:') throw new OutboundRefusedError('downgrade', host);
    if (!isAllowed) throw new OutboundRefusedError('scheme', host);
  }
  if (BLOCKED_PORTS.has(port) && !isAllowed) throw new OutboundRefusedError('port', host);
  return { url, hostname: host.replace(/^\[|\]$/g, ''), port, isAllowed };
}
