import type { Identity } from '@switchyard/auth';
import type { ServiceDatabase } from '@switchyard/database';
import type { EventRuntime, EventStrategy } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';

/** What a process gives each service that it runs. */
export interface ServiceContext {
  database: ServiceDatabase;
  runtime: EventRuntime;
  /** How the service's consumers get their events: from the log, or from Kafka. */
  events: EventStrategy;
  logger: Logger;
  /** Epoch milliseconds. */
  clock: () => number;
  /** Left out where the gateway lives in the same process and hands identities over as objects. */
  verifyIdentity?: (token: string) => Identity | Promise<Identity>;
  /** Rejects unless it is the one service that may ask here; left out where services call each other in one process. */
  verifyPeer?: (token: string) => Promise<void>;
}
