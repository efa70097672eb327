import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EdgeCall, Readiness } from '@switchyard/service';

/** A service behind the gateway, in this process or in another. */
export interface Upstream {
  handle(request: IncomingMessage, response: ServerResponse, call: EdgeCall): Promise<void> | void;
  readiness(): Promise<Readiness[]>;
  close(): Promise<void>;
}
