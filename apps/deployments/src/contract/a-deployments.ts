import { createSecretKey, randomBytes } from 'node:crypto';
import type { Digest } from '@switchyard/artifacts';
import { auditSchema } from '@switchyard/audit';
import {
  CreateDeployment,
  DependencyQuestion,
  type DeployableRequest,
  type DeployableVersion,
  PutApprovalPolicy,
  defaultQuotas,
  type LookedAtVersion,
  type PinRequest,
  type Resolution,
  type ResolutionRequest,
  setHealthFeed,
  tenantPurged,
  servedRoutesFeed,
  type ServedRoutes,
  type SetHealth,
  type TenantState,
} from '@switchyard/contracts';
import { resolve, type CandidateVersion } from '@switchyard/dependencies';
import { conflict, notFound } from '@switchyard/errors';
import {
  createEventRuntime,
  EventLogStrategy,
  eventsSchema,
  feedPut,
  publish,
  type EventRuntime,
} from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import { noSamples, type HistoryEntry } from '@switchyard/rollout';
import type { EdgeCall, Service } from '@switchyard/service';
import { createTestDatabase, eventually } from '@switchyard/testing';
import type { z } from 'zod';
import { ApprovalPolicyController } from '../approvals/approval-policy.controller.js';
import { createDeploymentsService } from '../create-deployments-service.js';
import { FakeOrchestrator } from '../orchestrators/fake/fake-orchestrator.js';
import type { ObservedSet, Orchestrator, SetSpec } from '../orchestrators/orchestrator.js';
import type { RegistryDoor } from '../registry-door.js';
import { PlanningController } from '../planning/planning.controller.js';
import { DeploymentsController } from '../rollouts/deployments.controller.js';
import { deploymentsSchema } from '../schema.js';
import { SecretsController } from '../secrets/secrets.controller.js';
import { TenantPluginsController } from '../installations/tenant-plugins.controller.js';

export const digestOf = (version: string): Digest =>
  `sha256:${Buffer.from(version).toString('hex').padEnd(64, '0').slice(0, 64)}`;

/** Remembers what it was told. */
export class WatchedOrchestrator extends FakeOrchestrator {
  readonly applied: SetSpec[] = [];
  /** As long as it says why, nothing can be applied. */
  refusal: string | undefined;

  observations = 0;

  override async observe(): Promise<readonly ObservedSet[]> {
    this.observations += 1;
    return await super.observe();
  }

  override async apply(spec: SetSpec): Promise<void> {
    if (this.refusal !== undefined) throw new Error(this.refusal);
    this.applied.push(spec);
    await super.apply(spec);
  }
}

export class TestRegistry implements RegistryDoor {
  readonly pins = new Map<string, string>();
  readonly minCpu = 0.1;
  category = 'Testing';
  signed = false;

  /** By plugin; what is not listed has one version of every number, and needs nothing. */
  readonly catalogue: Record<string, CandidateVersion[]> = {};
  settingsSchema: LookedAtVersion['settingsSchema'] = null;
  refusals: string[] = [];
  instead: Partial<LookedAtVersion> = {};

  async pin({ holder, ...named }: PinRequest): Promise<DeployableVersion> {
    const { refusals, ...version } = await this.look(named);
    if (refusals[0] !== undefined) throw conflict(refusals[0]);
    this.pins.set(holder, `${named.pluginId}@${named.version}`);
    return version;
  }

  async resolve({ pluginId, version, installed }: ResolutionRequest): Promise<Resolution> {
    const named = [...installed, { id: pluginId, version }];
    const unlisted = named.filter(({ id }) => this.catalogue[id] === undefined);
    const plain = (of: string): CandidateVersion[] =>
      [...new Set(unlisted.filter(({ id }) => id === of).map((each) => each.version))].map((each) => ({
        version: each,
        state: 'Stable',
        dependencies: [],
        conflicts: [],
      }));
    const resolution = resolve({
      roots: [{ id: pluginId, constraint: version }],
      catalogue: { ...this.catalogue, ...Object.fromEntries(unlisted.map(({ id }) => [id, plain(id)])) },
      installed,
      runtimes: { NodeJs: '20.20.2' },
    });
    return resolution.ok
      ? {
          install: resolution.order.map(({ id, requiredBy, replaces, ...item }) => ({
            ...item,
            pluginId: id,
            requiredBy: [...requiredBy],
            replaces: replaces ?? null,
          })),
          edges: resolution.edges.map(({ constraint, ...edge }) => ({
            ...edge,
            versionConstraint: constraint,
          })),
          problems: [],
          warnings: [],
        }
      : {
          install: [],
          edges: [],
          problems: resolution.problems.map(({ chain, ...problem }) => ({
            ...problem,
            chain: chain.map((link) => ({ ...link })),
          })),
          warnings: [],
        };
  }

  async look({ pluginId, version }: DeployableRequest): Promise<LookedAtVersion> {
    if (pluginId === 'never-was') throw notFound('Plugin', pluginId);
    const listed = this.catalogue[pluginId]?.find((each) => each.version === version);
    return {
      pluginId,
      version,
      category: this.category,
      digest: digestOf(version),
      runtime: { type: pluginId === 'in-dotnet' ? 'DotNet8' : 'NodeJs', version: '20' },
      resources: { minCpu: this.minCpu, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 128 },
      manifest: {},
      stored: pluginId !== 'elsewhere',
      signed: this.signed,
      settingsSchema: this.settingsSchema,
      dependencies: [...(listed?.dependencies ?? [])],
      conflicts: [...(listed?.conflicts ?? [])],
      warnings: [],
      refusals: this.refusals,
      ...this.instead,
    };
  }

  async release(holder: string): Promise<void> {
    this.pins.delete(holder);
  }

  async open(): Promise<never> {
    throw new Error('nothing is unpacked here');
  }
}

export const callOf = (
  role: 'TenantAdmin' | 'PlatformAdmin',
  tenant: string | null,
  username = 'ada',
): EdgeCall => ({
  identity: {
    subject: `usr-${username}`,
    username,
    kind: 'user',
    role,
    tenant: role === 'PlatformAdmin' ? null : tenant,
    publishers: [],
    tokenId: 'token',
    issuedAt: 0,
    expiresAt: 4_000_000_000,
  },
  trace: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), sampled: false },
  address: '127.0.0.1',
});

/** The deployments service on a database of its own, with instances that are only said to be, and without HTTP. */
export class ADeployments {
  readonly registry = new TestRegistry();
  /** Everything is about it until the next one. */
  tenantId = 'tenant-0';
  readonly orchestrator: WatchedOrchestrator;
  private readonly keyring = { current: 'k1', keys: new Map([['k1', createSecretKey(randomBytes(32))]]) };
  private readonly processes: { service: Service; runtime: EventRuntime }[] = [];

  private constructor(
    readonly database: Awaited<ReturnType<typeof createTestDatabase>>,
    options: ConstructorParameters<typeof FakeOrchestrator>[0],
  ) {
    this.orchestrator = new WatchedOrchestrator(options);
  }

  static async open(
    options: ConstructorParameters<typeof FakeOrchestrator>[0] & { processes?: number } = {},
  ): Promise<ADeployments> {
    const database = await createTestDatabase([eventsSchema, auditSchema, deploymentsSchema]);
    const world = new ADeployments(database, options);
    await world.newTenant();
    for (let count = 0; count < (options.processes ?? 1); count += 1) await world.start();
    return world;
  }

  /** One more process on the same database, with the same instances. */
  async start(orchestrator: Orchestrator = this.orchestrator): Promise<void> {
    const database = this.database.open('deployments', 10);
    const logger = createLogger({ level: 'silent' });
    const runtime = createEventRuntime({ database, directUrl: this.database.urlFor('deployments'), logger });
    await runtime.start();
    const service = await createDeploymentsService(
      {
        database,
        runtime,
        events: new EventLogStrategy({ runtime, database }),
        logger,
        clock: Date.now,
      },
      { keyring: this.keyring, resyncMs: 200, drainMs: 60_000, approvalMs: 86_400_000 },
      { registry: this.registry, orchestrator },
    );
    this.processes.push({ service, runtime });
  }

  async stopOne(): Promise<void> {
    const process = this.processes.shift();
    await process?.service.close();
    await process?.runtime.stop();
  }

  /** One of which nothing is known, and whom nothing is held for. */
  async newTenant(): Promise<void> {
    this.tenantId = `tenant-${Number(this.tenantId.slice(7)) + 1}`;
    this.registry.pins.clear();
    this.registry.signed = false;
    await this.tenant({});
  }

  async tenant(changes: Partial<TenantState>): Promise<TenantState> {
    const state: TenantState = {
      tenantId: this.tenantId,
      name: 'Acme',
      namespace: this.tenantId,
      status: 'Active',
      quotas: { ...defaultQuotas, maxInstances: 1_000, maxPlugins: 1_000, maxCpu: 1_000, maxMemoryGB: 1_000 },
      rateLimits: { maxRequestsPerMinute: 1_000, maxDeploymentsPerHour: 1_000 },
      allowedCategories: [],
      version: 1,
      ...changes,
    };
    await this.database.look(
      `INSERT INTO deployments.tenant_copies (tenant_id, version, state) VALUES ($1, 1, $2)
       ON CONFLICT (tenant_id) DO UPDATE SET state = excluded.state`,
      [state.tenantId, JSON.stringify(state)],
    );
    return state;
  }

  /** As the tenants service tells it. */
  async purge(): Promise<void> {
    const { tenantId } = this;
    await this.database
      .open('tenants', 1)
      .withTenant(tenantId, (tx) =>
        publish(tx, tenantPurged, { tenant: tenantId, key: tenantId, data: { tenantId } }),
      );
  }

  deploy(body: Record<string, unknown>, call = this.admin) {
    const input = CreateDeployment.parse({
      pluginId: 'core-payments',
      pluginVersion: '1.0.0',
      strategy: 'Direct',
      ...body,
    });
    return this.deployments.create(this.input(call, {}, input));
  }

  plan(body: Record<string, unknown>, call = this.admin) {
    const input = CreateDeployment.parse({
      pluginId: 'core-payments',
      pluginVersion: '1.0.0',
      strategy: 'Direct',
      ...body,
    });
    return this.get(PlanningController).plan(this.input(call, {}, input));
  }

  validateDependencies(body: z.input<typeof DependencyQuestion>, call = this.admin) {
    return this.get(PlanningController).validate(this.input(call, {}, DependencyQuestion.parse(body)));
  }

  dependencyGraph(query: { environment?: string } = {}) {
    return this.get(TenantPluginsController).graph(
      this.input(this.admin, { tenantId: this.tenantId }, undefined, query),
    );
  }

  read(deploymentId: string, call = this.admin) {
    return this.deployments.get(this.input(call, { deploymentId }));
  }

  rollBack(deploymentId: string) {
    return this.deployments.rollback(this.input(this.admin, { deploymentId }, {}));
  }

  retry(deploymentId: string, call = this.admin) {
    return this.deployments.retry(this.input(call, { deploymentId }));
  }

  decide(
    deploymentId: string,
    decision: 'pause' | 'resume' | 'abort' | 'approve' | 'reject',
    call = this.admin,
    reason?: string,
  ) {
    return this.deployments[decision](this.input(call, { deploymentId }, { reason }));
  }

  needApprovals(approvals: number, roles?: readonly string[]) {
    const body = PutApprovalPolicy.parse({ environments: { Production: { approvals, roles } } });
    return this.get(ApprovalPolicyController).put(this.input(this.admin, { tenantId: this.tenantId }, body));
  }

  promote(deploymentId: string, full: boolean) {
    return this.deployments.promote(this.input(this.admin, { deploymentId }, { full }));
  }

  list(call: EdgeCall, query: Record<string, unknown> = {}) {
    return this.deployments.list(this.input(call, {}, undefined, { limit: 20, offset: 0, ...query }));
  }

  undeploy(pluginId: string, force = false) {
    return this.get(TenantPluginsController).remove(
      this.input(this.admin, { tenantId: this.tenantId, pluginId }, undefined, { force }),
    );
  }

  putSecret(name: string, value: string) {
    return this.get(SecretsController).put(
      this.input(this.admin, { tenantId: this.tenantId, name }, { value }),
    );
  }

  deleteSecret(name: string) {
    return this.get(SecretsController).delete(this.input(this.admin, { tenantId: this.tenantId, name }));
  }

  /** Deploys, and waits until it has ended like that and left nothing to be done. */
  async deployed(body: Record<string, unknown>, status = 'Completed'): Promise<string> {
    const { deploymentId } = await this.deploy(body);
    await this.settled(deploymentId, status);
    return deploymentId;
  }

  settled(deploymentId: string, status: string): Promise<void> {
    return eventually(async () =>
      expect(await this.rollout(deploymentId)).toMatchObject({ status, settled: true }),
    );
  }

  async rollout(deploymentId: string): Promise<Record<string, unknown>> {
    const [row] = await this.database.look('SELECT * FROM deployments.rollouts WHERE deployment_id = $1', [
      deploymentId,
    ]);
    return row!;
  }

  async history(deploymentId: string): Promise<HistoryEntry[]> {
    const rows = await this.database.look<{ entry: HistoryEntry }>(
      'SELECT entry FROM deployments.history WHERE deployment_id = $1 ORDER BY sequence',
      [deploymentId],
    );
    return rows.map(({ entry }) => entry);
  }

  async setOf(deploymentId: string): Promise<string> {
    return (await this.rollout(deploymentId))['set_id'] as string;
  }

  /** As the health service counts. */
  async counted(setId: string, requests: number, errors: number): Promise<void> {
    const counts = noSamples.latency.counts.map((_, bucket) => (bucket === 3 ? requests : 0));
    await this.database.open('health', 1).withTenant(this.tenantId, (tx) =>
      feedPut(tx, setHealthFeed, setId, {
        setId,
        verdict: 'Healthy',
        reason: '',
        instances: [],
        samples: { requests, errors, latency: { counts, sumMs: requests * 5 } },
      } satisfies SetHealth),
    );
  }

  /** As a gateway tells what it serves. */
  async serves(gatewayId: string, what: Partial<ServedRoutes>): Promise<void> {
    await this.database.open('gateway', 1).withTenant('', (tx) =>
      feedPut(tx, servedRoutesFeed, gatewayId, {
        gatewayId,
        at: Date.now() + 60_000,
        policies: null,
        endpoints: null,
        draining: [],
        ...what,
      } satisfies ServedRoutes),
    );
  }

  async close(): Promise<void> {
    while (this.processes.length > 0) await this.stopOne();
    await this.database.close();
  }

  /** Instances that the tenant's sets have, by set. */
  async instances(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.database.look<{ set_id: string }>(
      'SELECT set_id FROM deployments.sets WHERE tenant_id = $1',
      [this.tenantId],
    );
    const own = new Set(rows.map(({ set_id }) => set_id));
    return new Map(
      (await this.orchestrator.observe())
        .filter(({ setId }) => own.has(setId))
        .map(({ setId, instances }) => [setId, instances.map(({ instanceId }) => instanceId)]),
    );
  }

  get admin(): EdgeCall {
    return this.adminNamed('ada');
  }

  adminNamed(username: string): EdgeCall {
    return callOf('TenantAdmin', this.tenantId, username);
  }

  private get deployments(): DeploymentsController {
    return this.get(DeploymentsController);
  }

  private get<T>(type: new (...args: never[]) => T): T {
    return this.processes[0]!.service.app.get(type);
  }

  private input(call: EdgeCall, params: object, body?: unknown, query: object = {}): never {
    return { call, params, body, query, repeated: () => undefined, setVersion: () => undefined } as never;
  }
}
