import { Counter, Gauge, type Registry } from 'prom-client';

export interface DataPlaneNumbers {
  underWay: number;
  installations: number;
  instances: number;
  /** How long ago the database last confirmed what is served; what a gateway without one goes by. */
  staleSeconds: number;
  policiesVersion: number;
  endpointsVersion: number;
}

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** What Prometheus is told of `/app`. */
export class DataPlaneMetrics {
  private readonly answers: readonly Counter.Internal[];
  private readonly unreadable: Counter<'feed'>;
  private readonly unsent: Counter;

  constructor(registry: Registry, numbers: () => DataPlaneNumbers) {
    const registers = [registry];
    const answers = new Counter({
      name: 'switchyard_app_answers_total',
      help: 'Answers to requests for plugins, by class of status: of attempts, and of the gateway itself',
      labelNames: ['status', 'by'] as const,
      registers,
    });
    this.answers = [
      ...classes.map((status) => answers.labels(status, 'plugin')),
      ...classes.map((status) => answers.labels(status, 'gateway')),
    ];
    this.unreadable = new Counter({
      name: 'switchyard_app_unreadable_routes_total',
      help: 'Entries of the route feeds that could not be read; what was known before goes on',
      labelNames: ['feed'] as const,
      registers,
    });
    this.unsent = new Counter({
      name: 'switchyard_app_sample_failures_total',
      help: 'Batches of samples that could not be sent; they are sent again',
      registers,
    });
    const gauge = (name: string, help: string, value: (of: DataPlaneNumbers) => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value(numbers()));
        },
      });
    gauge(
      'switchyard_app_requests_under_way',
      'Requests and upgraded connections to plugins',
      (n) => n.underWay,
    );
    gauge('switchyard_app_installations', 'Installations in the route table', (n) => n.installations);
    gauge('switchyard_app_instances', 'Instances in the route table', (n) => n.instances);
    gauge(
      'switchyard_app_routes_stale_seconds',
      'Since the database confirmed the route table',
      (n) => n.staleSeconds,
    );
    gauge(
      'switchyard_app_policies_version',
      'Version of the policies that are served',
      (n) => n.policiesVersion,
    );
    gauge(
      'switchyard_app_endpoints_version',
      'Version of the endpoints that are served',
      (n) => n.endpointsVersion,
    );
  }

  pluginAnswered(status: number): void {
    this.answers[placeOf(status)]?.inc();
  }

  gatewayAnswered(status: number): void {
    this.answers[classes.length + placeOf(status)]?.inc();
  }

  unreadableRoute(feed: string): void {
    this.unreadable.inc({ feed });
  }

  samplesFailed(): void {
    this.unsent.inc();
  }
}

const placeOf = (status: number): number => Math.min(4, Math.max(0, Math.floor(status / 100) - 1));
