import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditSchema } from '@switchyard/audit';
import { IdentitySchema } from '@switchyard/auth';
import {
  deployedSetsFeed,
  latencyBoundsMs,
  latencyBucketOf,
  setHealthFeed,
  type DeployedSetInput,
  type SampleBatch,
  type SetHealth,
  type SlotSample,
} from '@switchyard/contracts';
import {
  createEventRuntime,
  EventLogStrategy,
  eventsSchema,
  feedPut,
  feedRemove,
  type EventRuntime,
} from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import { identityHeader } from '@switchyard/service';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { createHealthService, type HealthService } from '../create-health-service.js';
import { healthSchema } from '../schema.js';

export const tenantId = 'acme-corp';

type Caller = { role: string; tenant: string | null } | 'gateway' | 'nobody';

interface Replica {
  service: HealthService;
  runtime: EventRuntime;
  url: string;
}

/** The service on a real database; what deployments and gateways tell it is told as they do. */
export class HealthWorld {
  readonly replicas: Replica[] = [];
  private readonly servers: Server[] = [];
  private sequence = 0;
  private time = 0;

  private constructor(
    readonly database: TestDatabase,
    private readonly folder: string,
    private readonly secondMs: number,
    private readonly deployments = database.open('deployments', 2),
  ) {}

  /** `secondMs`: how long a second of checks and rounds takes. */
  static async start(secondMs = 20): Promise<HealthWorld> {
    const database = await createTestDatabase([eventsSchema, auditSchema, healthSchema]);
    const world = new HealthWorld(database, await mkdtemp(join(tmpdir(), 'sy-health-')), secondMs);
    await world.startReplica();
    return world;
  }

  /** The services' clock; what the database measures stays as it is. */
  readonly clock = (): number => Date.now() + this.time;

  passes(milliseconds: number): void {
    this.time += milliseconds;
  }

  async startReplica(): Promise<Replica> {
    const database = this.database.open('health');
    const logger = createLogger({ level: 'silent' });
    const runtime = createEventRuntime({ database, directUrl: this.database.urlFor('health') });
    await runtime.start();
    const service = await createHealthService(
      {
        database,
        runtime,
        events: new EventLogStrategy({ runtime, database }),
        logger,
        clock: this.clock,
        verifyIdentity: identityFrom,
      },
      { clock: this.clock, housekeepingMs: 3_600_000, retentionMs: 30 * 86_400_000, concurrentChecks: 8 },
      { secondMs: this.secondMs, renewMs: 50, lifeMs: 3_000 },
    );
    const replica = { service, runtime, url: await service.listen('127.0.0.1', 0) };
    this.replicas.push(replica);
    return replica;
  }

  async stopReplica(replica: Replica): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    await replica.service.close();
    await replica.runtime.stop();
  }

  get service(): HealthService {
    return this.first.service;
  }

  async deployed(set: Partial<DeployedSetInput> & { setId: string }): Promise<void> {
    const full: DeployedSetInput = {
      deploymentId: `dep-of-${set.setId}`,
      tenantId,
      environment: 'Production',
      pluginId: 'core-payments',
      version: '1.0.0',
      resources: { maxCpu: 2, maxMemoryMB: 200 },
      ...set,
    };
    await this.deployments.withTenant(full.tenantId, (tx) => feedPut(tx, deployedSetsFeed, set.setId, full));
  }

  async gone(setId: string): Promise<void> {
    await this.deployments.withTenant(tenantId, (tx) => feedRemove(tx, deployedSetsFeed, setId));
  }

  /** A real instance on a unix socket. */
  async instance(name: string, listener: RequestListener): Promise<{ socketPath: string }> {
    const socketPath = join(this.folder, `${name}.sock`);
    const server = createServer(listener);
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return { socketPath };
  }

  batch(...samples: SlotSample[]): SampleBatch {
    this.sequence += 1;
    return { gatewayId: 'gateway-1', sequence: this.sequence, from: 0, to: 1, samples };
  }

  /** What reconcilers were last told of the set. */
  async told(setId: string): Promise<SetHealth | undefined> {
    const [row] = await this.database.look<{ data: SetHealth }>(
      'SELECT data FROM events.feed_rows WHERE feed = $1 AND key = $2 AND NOT gone',
      [setHealthFeed, setId],
    );
    return row?.data;
  }

  async eventuallyTold(setId: string, expected: object): Promise<SetHealth> {
    return await eventually(async () => {
      const told = await this.told(setId);
      expect(told).toMatchObject(expected);
      return told as SetHealth;
    });
  }

  async get(path: string, caller: Caller = { role: 'TenantAdmin', tenant: tenantId }, replica = this.first) {
    const response = await fetch(replica.url + path, { headers: headersOf(caller) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async post(path: string, body: unknown, caller: Caller): Promise<number> {
    const response = await fetch(this.first.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(caller) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    await response.text();
    return response.status;
  }

  async stop(): Promise<void> {
    for (const replica of [...this.replicas]) await this.stopReplica(replica);
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private get first(): Replica {
    const [first] = this.replicas;
    if (!first) throw new Error('no replica runs');
    return first;
  }
}

const anyTimes = { issuedAt: 0, expiresAt: 4_000_000_000 };

const headersOf = (caller: Caller): Record<string, string> =>
  caller === 'nobody' ? {} : { [identityHeader]: JSON.stringify(caller) };

/** Signatures are proved elsewhere. */
function identityFrom(token: string) {
  const caller = JSON.parse(token) as Exclude<Caller, 'nobody'>;
  const isGateway = caller === 'gateway';
  return IdentitySchema.parse({
    subject: isGateway ? 'gateway' : 'usr-1',
    username: isGateway ? 'gateway' : 'somebody',
    kind: 'user',
    role: isGateway ? 'PluginDeveloper' : caller.role,
    tenant: isGateway ? null : caller.tenant,
    publishers: [],
    tokenId: isGateway ? 'gateway' : 'token-1',
    ...anyTimes,
  });
}

/** What came to an instance: so many requests, of them errors, each taking this long. */
export function sampled(
  setId: string,
  { requests, errors = 0, milliseconds = 10 }: { requests: number; errors?: number; milliseconds?: number },
): SlotSample {
  const counts = new Array<number>(latencyBoundsMs.length + 1).fill(0);
  counts[latencyBucketOf(milliseconds)] = requests;
  return {
    tenantId,
    environment: 'Production',
    pluginId: 'core-payments',
    deploymentId: `dep-of-${setId}`,
    setId,
    slot: 'candidate',
    instanceId: 'instance-1',
    requests,
    errors,
    statuses: [0, requests - errors, 0, 0, errors],
    failures: { refused: 0, reset: 0, timeout: 0 },
    clientAborts: 0,
    ejections: 0,
    latency: { counts, sumMs: requests * milliseconds },
  };
}
