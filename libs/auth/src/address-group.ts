import { isIPv6 } from 'node:net';

/**
 * Those who share an address when somebody guesses: an IPv4 address stands for itself, an IPv6 address for its /64, since
 * one customer line is given all of it and would never run out of fresh addresses.
 */
export function addressGroup(address: string): string {
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  const words = wordsOf(bare);
  if (isMapped(words)) return words.slice(6).flatMap(bytesOf).join('.');
  const network = words.slice(0, 4).map((word) => word.toString(16));
  return `${network.join(':')}::/64`;
}

/** The eight words of a well-formed IPv6 address, however it is abbreviated. */
function wordsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = side(head);
  const after = side(tail ?? '');
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const side = (text: string): number[] => (text === '' ? [] : text.split(':').flatMap(wordsOfPart));

/** The last part may be written as an IPv4 address, which is two words. */
function wordsOfPart(part: string): number[] {
  if (!part.includes('.')) return [parseInt(part, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** How a socket that listens on both families names an IPv4 peer. */
const isMapped = (words: number[]): boolean =>
  words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);

const bytesOf = (word: number): number[] => [word >> 8, word & 255];
