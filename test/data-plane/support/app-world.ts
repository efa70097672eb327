import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createGateway, gatewaySchema, type Gateway, type Upstream } from '@switchyard/app-gateway';
import { auditSchema } from '@switchyard/audit';
import { generateSigningKey, issueUserToken, type Role, type SigningKey } from '@switchyard/auth';
import {
  installationKey,
  routeEndpointsFeed,
  routePolicyFeed,
  servedRoutesFeed,
  type RouteEndpointsInput,
  type RoutePolicyInput,
  type SampleBatch,
  type ServedRoutes,
  type SlotSample,
} from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { createEventRuntime, eventsSchema, feedPut, feedRemove, type EventRuntime } from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { PluginServer } from './plugin-server.js';

const nothingHere: Upstream = {
  handle: (_request, response) => void response.writeHead(404).end(),
  readiness: async () => [],
  close: async () => undefined,
};
export const tenantId = 'acme-corp';
export const pluginId = 'core-payments';

/** A real gateway on a database of its own; routes are written as the deployments service writes them. */
export class AppWorld {
  url = '';
  readonly batches: SampleBatch[] = [];
  private token: string | undefined;
  private isOut = false;
  private readonly gateways: { gateway: Gateway; runtime: EventRuntime }[] = [];
  private readonly plugins: PluginServer[] = [];

  private constructor(
    readonly database: TestDatabase,
    private readonly folder: string,
    readonly key: SigningKey,
    private readonly deployments: ServiceDatabase,
    private readonly tenants: ServiceDatabase,
  ) {}

  static async start(config: Partial<Parameters<AppWorld['startGateway']>[0]> = {}): Promise<AppWorld> {
    const database = await createTestDatabase([eventsSchema, auditSchema, gatewaySchema]);
    const folder = await mkdtemp(join(tmpdir(), 'sy-app-'));
    const key = generateSigningKey(Date.now());
    const world = new AppWorld(database, folder, key, database.open('deployments'), database.open('tenants'));
    await world.tenants.withTenant(tenantId, (tx) =>
      feedPut(tx, 'tenants.signing-keys', key.kid, key.publicJwk),
    );
    await world.tenant(tenantId, 'Active');
    world.url = (await world.startGateway(config)).url;
    return world;
  }

  async startGateway(
    config: Partial<{
      APP_DOMAIN: string;
      APP_MAX_STALE_SECONDS: number;
      stateFolder: string | null;
      TRUSTED_PROXIES: string[];
    }> = {},
  ): Promise<{ url: string; gateway: Gateway; stop(): Promise<void> }> {
    const database = this.database.open('gateway');
    const runtime = createEventRuntime({ database, directUrl: this.database.urlFor('gateway') });
    // As in the gateway's own process: without the database it goes on trying.
    const started = runtime.start();
    if (!this.isOut) await started;
    const { stateFolder = join(this.folder, 'gateway'), ...rest } = config;
    const gateway = await createGateway({
      config: {
        TOKEN_ISSUER: 'switchyard',
        TOKEN_AUDIENCE: 'switchyard-api',
        ACCESS_TOKEN_SECONDS: 3600,
        METRICS_HOST: '127.0.0.1',
        METRICS_PORT: 0,
        CORS_ORIGINS: [],
        TRUSTED_PROXIES: [],
        RATE_LIMIT_READS: 100_000,
        RATE_LIMIT_WRITES: 100_000,
        RATE_LIMIT_SIGN_INS: 100_000,
        SHUTDOWN_SECONDS: 1,
        STREAMS_PER_USER: 10,
        APP_MAX_STALE_SECONDS: 3_600_000,
        GATEWAY_STATE_DIR: stateFolder ?? undefined,
        APP_DOMAIN: undefined,
        ...rest,
      },
      database,
      runtime,
      upstreams: {
        tenants: nothingHere,
        registry: nothingHere,
        deployments: nothingHere,
        health: nothingHere,
      },
      samples: { sink: { send: async (batch) => void this.batches.push(batch) }, quickMs: 20, slowMs: 100 },
      clock: Date.now,
      logger: createLogger({ level: 'silent' }),
    });
    const running = { gateway, runtime };
    this.gateways.push(running);
    await eventually(() => expect(gateway.known.complete).toBe(true));
    const url = await gateway.listen('127.0.0.1', 0);
    return { url, gateway, stop: () => this.stopGateway(running) };
  }

  tokenOf(role: Role = 'TenantUser', subject = 'user-1', tenant: string | null = tenantId): string {
    const claims = {
      sub: subject,
      sid: `session-of-${subject}`,
      username: subject,
      role,
      tenant: role === 'PlatformAdmin' ? null : tenant,
      publishers: [],
      gen: 0,
    };
    return issueUserToken(this.key, claims, {
      now: Date.now(),
      lifetimeSeconds: 3600,
      issuer: 'switchyard',
      audience: 'switchyard-api',
    }).token;
  }

  async tenant(id: string, status: string): Promise<void> {
    await this.tenants.withTenant(id, (tx) =>
      feedPut(tx, 'tenants.tenants', id, { status, maxRequestsPerMinute: 1_000_000 }),
    );
  }

  async revokeSession(id: string): Promise<void> {
    await this.tenants.withTenant(tenantId, (tx) =>
      feedPut(tx, 'tenants.revocations', `session:${id}`, { kind: 'session', id }),
    );
  }

  async plugin(...given: Parameters<typeof PluginServer.start>): Promise<PluginServer> {
    const plugin = await PluginServer.start(...given);
    this.plugins.push(plugin);
    return plugin;
  }

  /** Writes routes and waits until every gateway serves them. */
  async routes(
    policy: Partial<RoutePolicyInput>,
    sets: Record<string, readonly PluginServer[]> = {},
  ): Promise<void> {
    const full = { tenantId, environment: 'Production' as const, pluginId, slots: {}, ...policy };
    await this.deployments.withTenant(tenantId, async (tx) => {
      for (const [setId, plugins] of Object.entries(sets))
        await feedPut(tx, routeEndpointsFeed, setId, {
          instances: plugins.map((plugin) => plugin.endpoint),
        } satisfies RouteEndpointsInput);
      await feedPut(tx, routePolicyFeed, installationKey(full), full satisfies RoutePolicyInput);
    });
    await this.served();
  }

  async endpoints(setId: string, instances: RouteEndpointsInput['instances'] | null): Promise<void> {
    await this.deployments.withTenant(tenantId, (tx) =>
      instances
        ? feedPut(tx, routeEndpointsFeed, setId, { instances })
        : feedRemove(tx, routeEndpointsFeed, setId),
    );
    await this.served();
  }

  /** One release on one instance that tells what it was asked. */
  async simple(
    policy: Partial<RoutePolicyInput> = {},
    ...plugin: [] | Parameters<typeof PluginServer.start>
  ): Promise<PluginServer> {
    const server = await this.plugin(plugin[0] ?? 'instance-1', plugin[1]);
    const setId = `set-${randomUUID()}`;
    await this.routes(
      { slots: { stable: { setId, deploymentId: 'dep-1', weight: 100 } }, ...policy },
      { [setId]: [server] },
    );
    return server;
  }

  async reports(): Promise<ServedRoutes[]> {
    const rows = await this.database.look<{ data: ServedRoutes }>(
      'SELECT data FROM events.feed_rows WHERE feed = $1 AND NOT gone',
      [servedRoutesFeed],
    );
    return rows.map(({ data }) => data);
  }

  /** Every live gateway confirms what is written now. */
  async served(): Promise<void> {
    const heads = await this.database.look<{ feed: string; version: string }>(
      'SELECT feed, version FROM events.feed_heads WHERE feed = ANY($1)',
      [[routePolicyFeed, routeEndpointsFeed]],
    );
    const versionOf = (feed: string) => Number(heads.find((head) => head.feed === feed)?.version ?? 0);
    await eventually(async () => {
      const reports = await this.reports();
      expect(reports).toHaveLength(this.gateways.length);
      for (const report of reports) {
        expect(report.policies?.version).toBeGreaterThanOrEqual(versionOf(routePolicyFeed));
        expect(report.endpoints?.version ?? 0).toBeGreaterThanOrEqual(versionOf(routeEndpointsFeed));
      }
    });
  }

  /** All that was sampled so far of a slot, added up. */
  async samplesOf(plugin: string, slot: 'stable' | 'candidate', requests: number): Promise<SlotSample> {
    return await eventually(() => {
      const samples = this.batches
        .flatMap((batch) => batch.samples)
        .filter((sample) => sample.slot === slot && sample.pluginId === plugin);
      expect(samples).not.toEqual([]);
      expect(samples.reduce((n, sample) => n + sample.requests, 0)).toBe(requests);
      return samples.reduce((sum, sample) => ({
        ...sum,
        requests: sum.requests + sample.requests,
        errors: sum.errors + sample.errors,
        clientAborts: sum.clientAborts + sample.clientAborts,
        ejections: sum.ejections + sample.ejections,
        statuses: sum.statuses.map((n, i) => n + sample.statuses[i]!) as SlotSample['statuses'],
        failures: {
          refused: sum.failures.refused + sample.failures.refused,
          reset: sum.failures.reset + sample.failures.reset,
          timeout: sum.failures.timeout + sample.failures.timeout,
        },
        latency: {
          counts: sum.latency.counts.map((n, i) => n + sample.latency.counts[i]!),
          sumMs: sum.latency.sumMs + sample.latency.sumMs,
        },
      }));
    });
  }

  /** No service can reach the database, until `back`. */
  async outage(): Promise<void> {
    this.isOut = true;
    const [row] = await this.database.look<{ name: string }>('SELECT current_database() AS name');
    await this.database.look(`ALTER DATABASE ${row?.name ?? ''} CONNECTION LIMIT 0`);
    await this.database.look(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  }

  async back(): Promise<void> {
    const [row] = await this.database.look<{ name: string }>('SELECT current_database() AS name');
    await this.database.look(`ALTER DATABASE ${row?.name ?? ''} CONNECTION LIMIT -1`);
    this.isOut = false;
  }

  /** Of one and the same token. */
  get headers(): { authorization: string } {
    this.token ??= this.tokenOf();
    return { authorization: `Bearer ${this.token}` };
  }

  async stop(): Promise<void> {
    for (const running of [...this.gateways]) await this.stopGateway(running);
    await Promise.all(this.plugins.map((plugin) => plugin.stop()));
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async stopGateway(running: AppWorld['gateways'][number]): Promise<void> {
    const place = this.gateways.indexOf(running);
    if (place < 0) return;
    this.gateways.splice(place, 1);
    await running.gateway.close();
    await running.runtime.stop();
  }
}
