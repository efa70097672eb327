import { dnsLabel } from './common.js';

const publisherId = dnsLabel('PublisherId');

/** The id that a publisher gets whose name alone is known; undefined when none can be made of it. */
export function publisherIdOf(name: string): string | undefined {
  const id = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, 63)
    .replaceAll(/-+$/g, '');
  return publisherId.safeParse(id).success ? id : undefined;
}
