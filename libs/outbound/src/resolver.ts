import { lookup } from 'node:dns/promises';

/** All addresses of a name, as text. */
export type Resolver = (hostname: string) => Promise<readonly string[]>;

/** As the machine resolves: with its hosts file and its search domains, so that what is checked is what would be used. */
export const systemResolver: Resolver = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address);
