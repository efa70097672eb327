import { isIPv6 } from 'node:net';
import { Agent } from 'undici';

/**
 * Connects to these addresses whatever the name resolves to by now; the name still goes into SNI, the certificate's check
 * and Host. One agent for one request: a connection that is kept would outlive its check.
 */
export function pinnedAgent(addresses: readonly string[], connectTimeoutMs: number): Agent {
  const pinned = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return new Agent({
    pipelining: 0,
    // The whole request has one deadline, which is not theirs.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: connectTimeoutMs,
      autoSelectFamily: true,
      lookup: (_hostname, options, callback) => {
        const [first] = pinned;
        if (options.all) callback(null, pinned);
        else callback(null, first?.address ?? '', first?.family);
      },
    },
  });
}
