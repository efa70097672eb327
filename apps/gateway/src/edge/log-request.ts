import type { Logger } from '@switchyard/observability';
import type { ObservedRequest } from './edge.js';

/** One line a request, without its address line's query, its headers or its body. */
export function logRequest(
  logger: Logger,
  { method, route, status, milliseconds, call }: ObservedRequest,
): void {
  if (!logger.isLevelEnabled('info')) return;
  const { identity, trace, address } = call;
  logger.info(
    {
      method,
      route,
      status,
      ms: Math.round(milliseconds * 10) / 10,
      traceId: trace.traceId,
      subject: identity?.subject,
      tenant: identity?.tenant,
      address,
    },
    'request',
  );
}
