import type { Dispatcher } from 'undici';
import { OutboundRefusedError } from './outbound-refused-error.js';

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Where the answer sends us, if it does. */
export function redirectTarget(answer: Dispatcher.ResponseData, host: string): string | undefined {
  const { location } = answer.headers;
  if (!REDIRECTS.includes(answer.statusCode) || location === undefined) return undefined;
  // Two of them, and which one counts is anybody's guess.
  if (typeof location !== 'string') throw new OutboundRefusedError('bad-redirect', host);
  return location;
}
