import type { IncomingMessage } from 'node:http';

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** Where a request comes from and what it was addressed to; a proxy's word is only passed on when the proxy is trusted. */
export function forwardedHeaders(
  request: IncomingMessage,
  prefix: string,
  trustedProxy: (address: string) => boolean,
): string[] {
  const { headers, socket } = request;
  const peer = plain(socket.remoteAddress ?? 'unknown');
  const said = headers['x-forwarded-for'] !== undefined || headers['x-forwarded-proto'] !== undefined;
  const believed = said && trustedProxy(peer);
  const chain = believed ? headers['x-forwarded-for'] : undefined;
  const proto = believed ? headers['x-forwarded-proto'] : undefined;
  const host = (believed ? headers['x-forwarded-host'] : undefined) ?? headers.host;
  const list = [
    'X-Forwarded-For',
    chain === undefined ? peer : `${String(chain)}, ${peer}`,
    'X-Forwarded-Proto',
    proto === 'https' ? 'https' : 'http',
    'X-Forwarded-Prefix',
    prefix,
  ];
  if (host !== undefined) list.push('X-Forwarded-Host', String(host));
  if (headers.te !== undefined && /\btrailers\b/i.test(String(headers.te))) list.push('TE', 'trailers');
  return list;
}
