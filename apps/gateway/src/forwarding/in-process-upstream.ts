import { attachCall, type Service } from '@switchyard/service';
import type { Upstream } from './upstream.js';

/** No socket and no copy: the service's router gets the very request and response. */
export const inProcessUpstream = (service: Service): Upstream => ({
  handle(request, response, call) {
    attachCall(request, call);
    service.handle(request, response);
  },
  readiness: () => service.readiness(),
  close: async () => undefined,
});
