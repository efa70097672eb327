import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type TestDatabase } from '@switchyard/testing';
import { Client } from '../../support/client.js';
import { createPlatformDatabase } from '../../support/platform-database.js';
import { raisedLimits } from '../../support/start-platform.js';
import { layCable, type Cable } from './cable.js';
import { freePort, processesNaming, startProcess, type StartedProcess } from './start-process.js';

export const parts = ['tenants', 'registry', 'deployments', 'health', 'gateway'] as const;
export type Part = (typeof parts)[number];

export const administrator = { username: 'root@example.com', password: 'correct horse battery staple' };

/** Switchyard as on a cluster: each service a process of its own, on one database. */
export class SeparateServices {
  readonly running = new Map<string, StartedProcess>();
  private readonly ports = new Map<string, number>();

  private constructor(
    readonly database: TestDatabase,
    /** Between the services and the database. */
    readonly cable: Cable,
    private readonly home: string,
    private readonly env: Record<string, string>,
  ) {}

  static async prepare(env: Record<string, string>): Promise<SeparateServices> {
    const home = await mkdtemp(join(tmpdir(), 'switchyard-services-'));
    const database = await createPlatformDatabase();
    const services = new SeparateServices(database, await layCable(database.adminUrl), home, env);
    for (const part of [...parts, 'gateway-2']) services.ports.set(part, await freePort());
    return services;
  }

  urlOf(name: Part | 'gateway-2'): string {
    return `http://127.0.0.1:${this.ports.get(name) ?? 0}`;
  }

  /** On the port that it always has; does not wait for it. */
  start(name: Part | 'gateway-2', env: Record<string, string> = {}): StartedProcess {
    const part = name.replace('-2', '');
    const process = startProcess([`dist/apps/${part}/main.js`], {
      DATABASE_URL: this.cable.url,
      DATABASE_ROLE_SECRET: this.database.roleSecret,
      DATABASE_CONNECTIONS: '5',
      PORT: String(this.ports.get(name)),
      SHUTDOWN_SECONDS: '2',
      ...(part === 'tenants' ? this.tenantsOptions() : {}),
      ...(part === 'registry' ? { ARTIFACT_DIR: join(this.home, 'artifacts') } : {}),
      ...(part === 'deployments' ? this.deploymentsOptions() : {}),
      ...(part === 'gateway' ? this.gatewayOptions() : {}),
      ...this.env,
      ...env,
    });
    this.running.set(name, process);
    return process;
  }

  /** Waits until the gateway says that everything behind it is ready. */
  async ready(name: 'gateway' | 'gateway-2' = 'gateway', patience = 30_000): Promise<Client> {
    // The gateway looks once a second: what it says may be older than the last start.
    await Promise.all(
      [...parts, name].map((part) => eventually(() => new Client(this.urlOf(part)).get('/health'), patience)),
    );
    const gateway = new Client(this.urlOf(name));
    await eventually(async () => {
      const { status, text } = await gateway.get('/health/ready');
      if (status !== 200) throw new Error(`${name} is not ready: ${text}`);
    }, patience);
    return gateway;
  }

  async signIn(at: Client): Promise<Client> {
    const { status, body, text } = await at.post('/api/v1/authentication/login', administrator);
    if (status !== 200) throw new Error(`sign-in answered ${status}: ${text}`);
    return at.with((body as { token: string }).token);
  }

  /** Which of the tenants a service knows, straight from its schema; twice if it had it twice. */
  async copiesIn(service: 'registry' | 'deployments' | 'health'): Promise<string[]> {
    const rows = await this.database.look<{ tenant_id: string }>(
      `SELECT tenant_id FROM ${service}.tenant_copies ORDER BY tenant_id`,
    );
    return rows.map((row) => row.tenant_id);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((process) => process.end('SIGKILL')));
    // Instances outlive the service that started them.
    for (const { pid } of processesNaming(this.home)) process.kill(pid, 'SIGKILL');
    await this.cable.pull();
    await this.database.close();
    await rm(this.home, { recursive: true, force: true });
  }

  private tenantsOptions() {
    return {
      KEYRING_FILE: join(this.home, 'keyring.json'),
      ADMIN_USERNAME: administrator.username,
      ADMIN_PASSWORD: administrator.password,
      PASSWORD_COST: '12',
    };
  }

  private deploymentsOptions() {
    return {
      KEYRING_FILE: join(this.home, 'keyring.json'),
      INSTANCE_DIR: join(this.home, 'run'),
      REGISTRY_URL: this.urlOf('registry'),
    };
  }

  private gatewayOptions() {
    return {
      TENANTS_URL: this.urlOf('tenants'),
      REGISTRY_URL: this.urlOf('registry'),
      DEPLOYMENTS_URL: this.urlOf('deployments'),
      HEALTH_URL: this.urlOf('health'),
      ...raisedLimits,
    };
  }
}
