import type { ServiceDatabase } from '@switchyard/database';
import type { TestDatabase } from '@switchyard/testing';
import type { EventHandler } from '../event.js';
import type { EventRuntime } from '../runtime/event-runtime.js';
import type { EventStrategy } from '../nest/event-strategy.js';

export type TestHandlers = Partial<Record<'counted' | 'ignored' | 'platform', EventHandler<{ n: number }>>>;

export interface ReplicaOptions {
  handlers?: TestHandlers;
  maxAttempts?: number;
  leaseMs?: number;
}

/** What a process of a service is, but for the process. */
export interface Replica {
  readonly strategy: EventStrategy;
  readonly runtime: EventRuntime;
  readonly database: ServiceDatabase;
  /** How many partitions it has at the moment. */
  share(): Promise<number>;
  stop(): Promise<void>;
}

export interface KafkaWorld {
  readonly brokers: string[];
  readonly topic: string;
  readonly groupPrefix: string;
}

export interface World {
  readonly database: TestDatabase;
  replica(options?: ReplicaOptions): Promise<Replica>;
  /** Makes the transport deliver again everything that it ever did. */
  deliverAllAgain(): Promise<void>;
  /** Takes the transport away and brings it back. */
  interrupt(): Promise<void>;
  /** For a process of its own. */
  readonly kafka: KafkaWorld | undefined;
  close(): Promise<void>;
}

export interface TransportHarness {
  /** `before`: the world whose database was restored into this one. */
  open(database?: TestDatabase, before?: World): Promise<World>;
}
