import ipaddr from 'ipaddr.js';
import { parseAddress } from './is-public-address.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [ipaddr.IPv4, number] | [ipaddr.IPv6, number];

export interface Target {
  readonly hostname: string;
  readonly port: number;
}

/** What an operator called fine although it is private. An entry that cannot be read ends the start. */
export class AllowList {
  readonly #ranges: Range[] = [];
  readonly #hosts = new Set<string>();

  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry);
  }

  /** Named itself: then its addresses, its port and http are the operator's business. */
  hasHost({ hostname, port }: Target): boolean {
    const address = parseAddress(hostname.replace(/^\[|\]$/g, ''));
    if (address && this.hasAddress(address)) return true;
    return this.#hosts.has(hostname) || this.#hosts.has(`${hostname}:${port}`);
  }

  hasAddress(address: Address): boolean {
    return this.#ranges.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
  }

  #add(entry: string): void {
    if (entry.includes('/')) {
      this.#ranges.push(rangeOf(entry));
      return;
    }
    // The dummy scheme keeps a port of 80 or 443, and names are spelled as they are in the URLs to be checked.
    const url = URL.canParse(`ws://${entry}`) ? new URL(`ws://${entry}`) : undefined;
    if (!url || url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
      throw new Error(`allow: expected a CIDR, a host or host:port, got ${JSON.stringify(entry)}`);
    const port = /:(\d+)$/.exec(entry.replace(/^\[.*\]/, ''))?.[1];
    this.#hosts.add(port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`);
  }
}

function rangeOf(entry: string): Range {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(entry)) return ipaddr.IPv4.parseCIDR(entry);
  if (!entry.includes('%') && ipaddr.IPv6.isValidCIDR(entry)) return ipaddr.IPv6.parseCIDR(entry);
  throw new Error(`allow: ${JSON.stringify(entry)} is no CIDR`);
}
