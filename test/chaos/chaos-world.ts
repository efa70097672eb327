import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '@switchyard/testing';
import { processesOf } from '../../apps/deployments/src/orchestrators/contract/processes-of.js';
import { crashing, failing, publish, tellingItsProcess } from '../e2e/deployments/a-deployable.js';
import { mustAnswer } from '../e2e/registry/a-plugin.js';
import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';
import type { SeededRandom } from './seeded-random.js';

export const faults = [
  'kill the platform',
  'cut the database off',
  'kill an instance',
  'hang an instance',
] as const;
export type Fault = (typeof faults)[number];

export interface SeenDeployment {
  deploymentId: string;
  status: string;
  reason: string | null;
  pluginVersion: string;
}

/** What each version answers; null for one that answers nothing of use. */
export const versions = { '1.0.0': 'one', '2.0.0': 'two', '3.0.0': 'crashes', '4.0.0': 'bad' } as const;
export type Version = keyof typeof versions;

const tenantId = 'acme-corp';
export const pluginId = 'core-payments';
const environment = { DRAIN_SECONDS: '2' };

/** A platform that is struck while it rolls out, and what is to be true of it afterwards. */
export class ChaosWorld {
  private closing = false;
  private readonly traffic: Promise<void>;

  private constructor(
    private readonly first: RunningPlatform,
    private platform: RunningPlatform,
    private readonly random: SeededRandom,
  ) {
    this.traffic = this.call();
  }

  static async open(random: SeededRandom): Promise<ChaosWorld> {
    const platform = await startPlatform(environment);
    const { admin } = platform;
    const rateLimits = { maxRequestsPerMinute: 1_000_000, maxDeploymentsPerHour: 100_000 };
    await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: 'Acme', rateLimits }), 201);
    await publish(admin, pluginId, '1.0.0', tellingItsProcess('one'));
    await publish(admin, pluginId, '2.0.0', tellingItsProcess('two'));
    await publish(admin, pluginId, '3.0.0', crashing);
    await publish(admin, pluginId, '4.0.0', failing);
    return new ChaosWorld(platform, platform, random);
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.traffic;
    if (this.platform !== this.first) await this.platform.stop();
    await this.first.stop();
  }

  /** Asks until it is taken; under one key, so that it is taken once. */
  async deploy(body: Record<string, unknown>): Promise<string> {
    const key = { 'idempotency-key': randomUUID() };
    const asked = { tenantId, pluginId, ...body };
    return await eventually(async () => {
      const { body: answer } = await mustAnswer(
        this.platform.admin.post('/api/v1/plugin-deployments', asked, key),
        202,
      );
      return (answer as { deploymentId: string }).deploymentId;
      // A key whose request was killed is free again after a minute.
    }, 90_000);
  }

  async abort(deploymentId: string): Promise<void> {
    await mustAnswer(this.platform.admin.post(`/api/v1/plugin-deployments/${deploymentId}/abort`, {}), 202);
  }

  async look(deploymentId: string): Promise<SeenDeployment> {
    const { body } = await mustAnswer(
      this.platform.admin.get(`/api/v1/plugin-deployments/${deploymentId}`),
      200,
    );
    return body as SeenDeployment;
  }

  async deployments(): Promise<SeenDeployment[]> {
    const { body } = await mustAnswer(
      this.platform.admin.get(`/api/v1/plugin-deployments?tenantId=${tenantId}&limit=100`),
      200,
    );
    return (body as { deployments: SeenDeployment[] }).deployments;
  }

  /** How often each kind of entry stands in its history. */
  async historyOf(deploymentId: string): Promise<string[]> {
    const { body } = await mustAnswer(
      this.platform.admin.get(`/api/v1/plugin-deployments/${deploymentId}/history`),
      200,
    );
    return (body as { history: { event: string }[] }).history.map(({ event }) => event);
  }

  /** What is installed, and whether every one of some requests is answered by it. */
  async installed(): Promise<{ version: string; answered: string[] }> {
    const { admin } = this.platform;
    const { body } = await mustAnswer(admin.get(`/api/v1/tenants/${tenantId}/plugins`), 200);
    const [plugin] = (body as { plugins: { pluginVersion: string }[] }).plugins;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        admin.get(`/app/${pluginId}/hello`, { 'x-switchyard-tenant': tenantId }),
      ),
    );
    return {
      version: plugin?.pluginVersion ?? 'none',
      answered: answers.map(
        ({ body: said, status }) => (said as { text?: string } | undefined)?.text ?? String(status),
      ),
    };
  }

  /** Processes of instances, whoever started them. */
  instances(): number[] {
    return processesOf(join(this.home, 'run'));
  }

  async strike(fault: Fault): Promise<void> {
    if (fault === 'kill the platform') return await this.killPlatform();
    if (fault === 'cut the database off') return await this.cutDatabase();
    const instances = this.instances();
    if (instances.length === 0) return;
    const pid = this.random.pick(instances);
    if (fault === 'kill an instance') signal(pid, 'SIGKILL');
    else {
      signal(pid, 'SIGSTOP');
      setTimeout(() => signal(pid, 'SIGCONT'), 500 + this.random.below(2_500)).unref();
    }
  }

  /** Somebody calls the plugin all the time, so that there is something to judge by. */
  private async call(): Promise<void> {
    while (!this.closing) {
      await this.platform.admin
        .get(`/app/${pluginId}/hello`, { 'x-switchyard-tenant': tenantId })
        .catch(() => undefined);
      await wait(20);
    }
  }

  private get home(): string {
    return dirname(this.first.keyringFile);
  }

  private async killPlatform(): Promise<void> {
    this.platform.child.kill('SIGKILL');
    await once(this.platform.child, 'exit');
    this.platform = await startReplica(this.first, { ...environment, SWITCHYARD_HOME: this.home });
  }

  /** As when the database is restarted: every connection ends in the middle of what it did. */
  private async cutDatabase(): Promise<void> {
    await this.first.database.look(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}
