import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from '@switchyard/contracts';
import type { EdgeCall, Readiness } from '@switchyard/service';

/** A service behind the gateway, in this process or in another. */
export interface Upstream {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    call: EdgeCall,
    route: Route,
  ): Promise<void> | void;
  readiness(): Promise<Readiness[]>;
  close(): Promise<void>;
}
