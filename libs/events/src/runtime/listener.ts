import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Clock } from '../clock.js';
import type { EventLogger } from '../event-logger.js';
import { retryDelay } from '../retry-delay.js';
import type { StopSignal } from '../stop-signal.js';

export interface ListenerOptions {
  /** Past any pooler. */
  url: string;
  onNotice: (payload: string) => void;
  /** Sends a notice by another connection: behind a transaction pooler LISTEN succeeds and hears nothing. */
  ping: (payload: string) => void;
  /** After each connect: what was said meanwhile was missed. */
  onConnect: () => void;
  clock: Clock;
  logger: EventLogger;
}

/** The one connection of this process that waits for NOTIFY. Comes back when it is cut; nothing depends on it but speed. */
export class Listener {
  /** Whether notices really arrive. */
  connected = false;
  private client: pg.Client | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: ListenerOptions,
    private readonly stop: StopSignal,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async ended(): Promise<void> {
    await this.client?.end().catch(() => undefined);
    await this.running;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stop.stopped;) {
      try {
        await this.listen(() => (failures = 0));
      } catch (error) {
        this.options.logger.warn({ err: error }, 'the connection for event wake-ups was lost');
      }
      this.connected = false;
      failures += 1;
      await this.stop.pause(
        retryDelay({ firstDelayMs: 50, maxDelayMs: 5_000 }, failures, this.options.clock.random()),
      );
    }
  }

  /** Ends when the connection does. */
  private async listen(onListening: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.url,
      application_name: 'switchyard-event-listener',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    this.client = client;
    const ended = new Promise<void>((resolve, reject) => {
      client.once('end', resolve);
      client.on('error', reject);
    });
    ended.catch(() => undefined);
    const forget = this.stop.onStop(() => void client.end().catch(() => undefined));
    const ping = `ping:${randomUUID()}`;
    client.on('notification', ({ payload = '' }) => {
      if (payload === ping) this.connected = true;
      else this.options.onNotice(payload);
    });
    try {
      await client.connect();
      await client.query('LISTEN switchyard_events');
      this.options.ping(ping);
      onListening();
      this.options.onConnect();
      await ended;
    } finally {
      forget();
      await client.end().catch(() => undefined);
    }
  }
}
