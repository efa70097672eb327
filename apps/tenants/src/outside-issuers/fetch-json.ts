import { Outbound, OutboundRefusedError } from '@switchyard/outbound';

export interface FetchedJson {
  json: unknown;
  /** How long the answer says that it may be kept. */
  maxAgeSeconds: number | undefined;
}

/** Reads what an outside issuer publishes; the one way out of this service. */
export type FetchJson = (url: URL) => Promise<FetchedJson>;

const limits = { timeoutMs: 5_000, maxBytes: 256 * 1024, maxRedirects: 0 };

/** No redirect, so that nothing but what was asked for is read; no private address that the operator does not list. */
export const outboundTo = (allow: readonly string[], timeoutMs = limits.timeoutMs): Outbound =>
  new Outbound({ ...limits, timeoutMs, allow });

export function createFetchJson(outbound: Outbound): FetchJson {
  return async (url) => {
    const answer = await outbound.get(url.href, { accept: 'application/json' }).catch(withItsCure);
    if (answer.status !== 200) {
      answer.body.destroy();
      throw new Error(`${url.href} answered ${answer.status}`);
    }
    const text = (await answer.bytes()).toString('utf8');
    return { json: parse(text, url), maxAgeSeconds: maxAgeOf(answer.headers['cache-control']) };
  };
}

/** What an operator can mend. */
function withItsCure(error: unknown): never {
  const isTheirs =
    error instanceof OutboundRefusedError && (error.reason === 'scheme' || error.reason === 'address');
  throw isTheirs
    ? new Error(`${error.message}; the operator lists it in OUTBOUND_ALLOW`, { cause: error })
    : error;
}

function parse(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${url.href} answered no JSON`);
  }
}

function maxAgeOf(header: string | undefined): number | undefined {
  const text = header ?? '';
  if (/\bno-(store|cache)\b/i.test(text)) return 0;
  const seconds = /\bmax-age="?(\d{1,9})\b/i.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
