import type { IncomingMessage } from 'node:http';
import type { Identity } from '@switchyard/auth';
import type { Route } from '@switchyard/contracts';
import { AppError } from '@switchyard/errors';
import type { TraceContext } from '@switchyard/observability';

/** What the gateway established about a request before a service sees it. */
export interface EdgeCall {
  /** Null only on public routes. */
  identity: Identity | null;
  trace: TraceContext;
  /** The client's address, as far as trusted proxies tell it. */
  address: string;
  /**
   * Whether what was true when the headers came still is: a body may take its time, and a token be revoked or a tenant
   * suspended meanwhile. In one process the service asks when it has read the body; between processes the gateway does.
   */
  recheck?: () => AppError | undefined;
}

/** What anybody may send is held in memory: enough for nearly every JSON body there is. */
export const maxJsonBytes = 64 * 1024;
/** A version brings its manifest, its settings schema and its capabilities. */
export const maxLargeJsonBytes = 512 * 1024;

export const bodyLimitOf = ({ largeBody }: Pick<Route, 'largeBody'>): number =>
  largeBody ? maxLargeJsonBytes : maxJsonBytes;

/** A symbol of ours: no client can name it, and unlike a WeakMap it costs the collector nothing. */
const callOf = Symbol('edge call');
type Carrier = IncomingMessage & { [callOf]?: EdgeCall };

/** In one process the gateway hands the call over as an object: nothing a client sends can end up here. */
export const attachCall = (request: IncomingMessage, call: EdgeCall): void => {
  (request as Carrier)[callOf] = call;
};

export const attachedCall = (request: IncomingMessage): EdgeCall | undefined => (request as Carrier)[callOf];

/** The caller of a route that is not public. */
export function identityOf(call: EdgeCall): Identity {
  if (!call.identity) throw new AppError('UNAUTHORIZED', 'This needs a token');
  return call.identity;
}
