const MESSAGES = {
  'bad-url': 'it is no URL that could be fetched',
  scheme: 'only https is fetched, and http from hosts that the operator allows',
  credentials: 'a URL must not carry a name or a password',
  port: 'nothing that speaks HTTP listens on this port',
  address: 'it leads to an address that is not public',
  'too-many-redirects': 'it redirects too often',
  'bad-redirect': 'it redirects to nowhere',
  downgrade: 'it redirects from https to http',
  coding: 'the answer is compressed though plain bytes were asked for',
  'too-large': 'the answer is larger than allowed',
} as const;

export type OutboundRefusal = keyof typeof MESSAGES;
export const OUTBOUND_REFUSALS = Object.keys(MESSAGES) as OutboundRefusal[];

/** We did not want to: asking again changes nothing. The message names the host at most, never path or query. */
export class OutboundRefusedError extends Error {
  override readonly name = 'OutboundRefusedError';

  constructor(
    readonly reason: OutboundRefusal,
    readonly host?: string,
    options?: ErrorOptions,
  ) {
    super(`Not fetched${host === undefined ? '' : ` from ${host}`}: ${MESSAGES[reason]}`, options);
  }
}
