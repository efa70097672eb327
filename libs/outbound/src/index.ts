export { OUTBOUND_FAILURES, OutboundFailedError, type OutboundFailure } from './outbound-failed-error.js';
export type { OutboundOptions } from './outbound-options.js';
export { OUTBOUND_REFUSALS, OutboundRefusedError, type OutboundRefusal } from './outbound-refused-error.js';
export type { OutboundRequest } from './outbound-request.js';
export { Outbound, type OutboundResponse } from './outbound.js';
export type { Resolver } from './resolver.js';
