import type { Resolver } from './resolver.js';

export interface OutboundOptions {
  /** CIDRs, hosts or host:port that an operator configured as fine although private; also over http. */
  readonly allow?: readonly string[];
  /** From the first lookup to the last byte, over all redirects. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly resolver?: Resolver;
}
