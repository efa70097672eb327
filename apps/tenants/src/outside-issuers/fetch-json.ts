import { BlockList, isIP } from 'node:net';
import { request } from 'undici';

export interface FetchedJson {
  json: unknown;
  /** How long the answer says that it may be kept. */
  maxAgeSeconds: number | undefined;
}

/** Reads what an outside issuer publishes; the one way out of this service. */
export type FetchJson = (url: URL) => Promise<FetchedJson>;

const timeoutMs = 5_000;
const maxBytes = 256 * 1024;

/** https, or what the operator lists; no redirect, so that nothing but what was asked for is read. */
export function createFetchJson(allow: readonly string[], maxMs = timeoutMs): FetchJson {
  const allowed = outboundAllowed(allow);
  return async (url) => {
    if (url.protocol !== 'https:' && !allowed(url))
      throw new Error(`${url.host} is not asked: use https, or list it in OUTBOUND_ALLOW`);
    const { statusCode, headers, body } = await request(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(maxMs),
    }).catch((error: unknown) => {
      throw new Error(`${url.href} cannot be reached: ${reasonOf(error)}`, { cause: error });
    });
    if (statusCode !== 200) {
      await body.dump({ limit: 1_024 }).catch(() => undefined);
      throw new Error(`${url.href} answered ${statusCode}`);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new Error(`${url.href} answered more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return {
      json: parse(Buffer.concat(chunks).toString('utf8'), url),
      maxAgeSeconds: maxAgeOf(headers['cache-control']),
    };
  };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message: string };
  return typeof code === 'string' ? code : message;
}

function parse(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${url.href} answered no JSON`);
  }
}

function maxAgeOf(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '');
  if (/\bno-(store|cache)\b/i.test(text)) return 0;
  const seconds = /\bmax-age="?(\d{1,9})\b/i.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Hosts, with a port or without, and networks. Throws on an entry that is neither. */
export function outboundAllowed(entries: readonly string[]): (url: URL) => boolean {
  const hosts = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries) {
    const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
    const family = isIP(address);
    if (family !== 0) networks.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
    else if (isHost(entry)) hosts.add(entry.toLowerCase());
    else throw new Error(`OUTBOUND_ALLOW: "${entry}" is no host, no host:port and no network`);
  }
  return (url) => {
    const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(address);
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return (
      hosts.has(url.hostname) ||
      hosts.has(`${url.hostname}:${port}`) ||
      (family !== 0 && networks.check(address, family === 6 ? 'ipv6' : 'ipv4'))
    );
  };
}

function isHost(entry: string): boolean {
  if (entry === '' || !URL.canParse(`x://${entry}`)) return false;
  const { host, pathname, username } = new URL(`x://${entry}`);
  return host.toLowerCase() === entry.toLowerCase() && pathname === '' && username === '';
}
