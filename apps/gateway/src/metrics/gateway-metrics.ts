import { createServer, type Server } from 'node:http';
import type { ServiceDatabase } from '@switchyard/database';
import { EventStats, type EventRuntime } from '@switchyard/events';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObservedRequest } from '../edge/edge.js';

/** What Prometheus reads, on a listener of its own: nothing of it is for the users of the API. */
export class GatewayMetrics {
  readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'switchyard_http_requests_total',
    help: 'Requests answered, by route of the table and status',
    labelNames: ['route', 'method', 'status'] as const,
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: 'switchyard_http_request_duration_seconds',
    help: 'Time to answer, by route of the table',
    labelNames: ['route'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  private readonly series = new Map<
    string,
    { requests: Counter.Internal; duration: Histogram.Internal<'route'> }
  >();
  private server: Server | undefined;

  constructor(runtime: EventRuntime, database: ServiceDatabase) {
    collectDefaultMetrics({ register: this.registry, prefix: 'switchyard_' });
    const stats = new EventStats(runtime);
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ name, help, labelNames, registers: [this.registry] });
    const lag = gauge('switchyard_event_lag', 'Events a group has not handled yet', ['group']);
    const age = gauge('switchyard_event_lag_seconds', 'Age of the oldest event a group has not handled yet', [
      'group',
    ]);
    const outbox = gauge('switchyard_event_outbox', 'Events that wait for their place in the log');
    const dead = gauge('switchyard_event_dead_letters', 'Events that a group could not handle', ['group']);
    const oldest = gauge(
      'switchyard_oldest_transaction_seconds',
      'Age of the oldest open transaction of the database server',
      ['application'],
    );
    new Gauge({
      name: 'switchyard_database_connections',
      help: 'Connections of the gateway to the database',
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        const { total, idle, waiting } = database.usage();
        this.set({ state: 'open' }, total);
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'waiting' }, waiting);
        const numbers = await stats.collect().catch(() => undefined);
        if (!numbers) return;
        oldest.reset();
        for (const group of numbers.groups) {
          if (group.lagEvents !== null) lag.set({ group: group.group }, group.lagEvents);
          if (group.lagSeconds !== null) age.set({ group: group.group }, group.lagSeconds);
          dead.set({ group: group.group }, group.deadLetters);
        }
        outbox.set(numbers.outbox.depth);
        oldest.set(
          { application: numbers.oldestTransaction?.application ?? 'none' },
          numbers.oldestTransaction?.seconds ?? 0,
        );
      },
    });
  }

  observe({ method, route, status, milliseconds, streamed }: ObservedRequest): void {
    const key = `${route} ${method} ${status}`;
    let series = this.series.get(key);
    if (!series) {
      // Looking a label set up by its values costs more than the rest of the count.
      series = {
        requests: this.requests.labels(route, method, String(status)),
        duration: this.duration.labels(route),
      };
      this.series.set(key, series);
    }
    series.requests.inc();
    if (!streamed) series.duration.observe(milliseconds / 1000);
  }

  async listen(host: string, port: number): Promise<void> {
    this.server = createServer((request, response) => {
      if (request.url !== '/metrics') return void response.writeHead(404).end();
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    const { server } = this;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  }

  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
