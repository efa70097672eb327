import type { AllowList } from './allow-list.js';
import type { CheckedUrl } from './check-url.js';
import { isPublicAddress, parseAddress } from './is-public-address.js';
import { OutboundFailedError } from './outbound-failed-error.js';
import { OutboundRefusedError } from './outbound-refused-error.js';
import type { Resolver } from './resolver.js';

/** Where the connection may go. One bad address among good ones is enough to refuse: which one is used is chance. */
export async function addressesOf(
  { hostname, isAllowed }: CheckedUrl,
  allow: AllowList,
  resolve: Resolver,
): Promise<readonly string[]> {
  const literal = parseAddress(hostname);
  const found = literal ? [hostname] : await resolved(hostname, resolve);
  for (const text of found) {
    const address = parseAddress(text);
    const isFine = address && (isAllowed || allow.hasAddress(address) || isPublicAddress(address));
    if (!isFine) throw new OutboundRefusedError('address', hostname);
  }
  return found;
}

async function resolved(hostname: string, resolve: Resolver): Promise<readonly string[]> {
  const found = await resolve(hostname).catch((error: unknown) => {
    throw new OutboundFailedError('unresolvable', hostname, { cause: error });
  });
  if (found.length === 0) throw new OutboundFailedError('unresolvable', hostname);
  return found;
}
