import type { SchemaMigrations } from '@switchyard/database';
import { EventLog1 } from './event-log-1.js';

/** Shared by every service: the outbox, the log, consumers' cursors, dead letters and feeds. */
export const eventsSchema: SchemaMigrations = { schema: 'events', migrations: [EventLog1] };
