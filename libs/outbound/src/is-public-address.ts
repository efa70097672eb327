import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** All that is handed out for the internet so far; what ipaddr.js calls unicast is whatever has no other name. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** How a network without IPv4 reaches it: the address is in the last four bytes. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** Looks public and is the host's own agent, with its credentials, on every machine of Azure. */
const AZURE_HOST = '168.63.129.16';

/** `undefined` for what is no address in its plain spelling: what one parser takes for 10.0.0.1 is another one's 8.0.0.1. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // Spelled in hexadecimal only: ipaddr.js takes `::8.8.8.8` for `::ffff:8.8.8.8`, which is another address.
  const address = ipaddr.IPv6.parse(new URL(`ws://[${text}]`).hostname.slice(1, -1));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Whether anybody on the internet could reach it: not this machine, not this network, not what nobody was given. */
export function isPublicAddress(address: Address): boolean {
  if (address instanceof ipaddr.IPv4)
    return address.range() === 'unicast' && address.toString() !== AZURE_HOST;
  if (address.match(NAT64)) return isPublicAddress(new ipaddr.IPv4(address.toByteArray().slice(12)));
  // 6to4, Teredo and their like hide an IPv4 address, have ranges of their own and are gone from the internet.
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST);
}
