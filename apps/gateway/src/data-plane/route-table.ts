import {
  installationKey,
  RouteEndpoint,
  RoutePolicy,
  type EnvironmentName,
  type ServedRoutes,
} from '@switchyard/contracts';
import type { FeedEntry, FeedHandlers, FeedVersion } from '@switchyard/events';
import { Installation } from './installation.js';
import { InstanceSet } from './instance-set.js';
import type { Instance } from './instance.js';

export interface RouteTableOptions {
  /** A version is served that was not served before. */
  onVersion: () => void;
  /** The last request of an instance that gets nothing new has ended. */
  onDrained: () => void;
  /** An entry cannot be read: what was known of it before goes on. */
  onUnreadable: (feed: 'policies' | 'endpoints', key: string, reason: string) => void;
}

type Running = Map<EnvironmentName, Installation>;

/** Which installation answers which request, in two layers with versions of their own: policies, and where instances are. */
export class RouteTable {
  policiesAt: FeedVersion | null = null;
  endpointsAt: FeedVersion | null = null;
  private installations = new Map<string, Installation>();
  private tenants = new Map<string, Map<string, Running>>();
  private readonly sets = new Map<string, InstanceSet>();
  /** Not listed any more, and still at work. */
  private readonly leaving = new Set<Instance>();

  constructor(private readonly options: RouteTableOptions) {}

  /** The environments in which a tenant runs what answers to this name. */
  find(tenantId: string, name: string): ReadonlyMap<EnvironmentName, Installation> | undefined {
    return this.tenants.get(tenantId)?.get(name);
  }

  installation(key: string): Installation | undefined {
    return this.installations.get(key);
  }

  set(setId: string): InstanceSet | undefined {
    return this.sets.get(setId);
  }

  get size(): { installations: number; instances: number } {
    let instances = 0;
    for (const set of this.sets.values()) instances += set.instances.length;
    return { installations: this.installations.size, instances };
  }

  readonly policies: FeedHandlers = {
    onSnapshot: (entries, at) => {
      const before = this.installations;
      this.installations = new Map();
      for (const entry of entries) this.putPolicy(entry, before.get(entry.key));
      this.index();
      this.servePolicies(at);
    },
    onChange: (entry, at) => {
      this.unindex(this.installations.get(entry.key));
      this.putPolicy(entry, this.installations.get(entry.key));
      this.indexOne(this.installations.get(entry.key));
      this.servePolicies(at);
    },
    onGone: (key, at) => {
      this.unindex(this.installations.get(key));
      this.installations.delete(key);
      this.servePolicies(at);
    },
  };

  readonly endpoints: FeedHandlers = {
    onSnapshot: (entries, at) => {
      const listed = new Set(entries.map(({ key }) => key));
      for (const setId of [...this.sets.keys()]) if (!listed.has(setId)) this.dropSet(setId);
      for (const entry of entries) this.putSet(entry);
      this.serveEndpoints(at);
    },
    onChange: (entry, at) => {
      this.putSet(entry);
      this.serveEndpoints(at);
    },
    onGone: (key, at) => {
      this.dropSet(key);
      this.serveEndpoints(at);
    },
  };

  /** A request takes its place at an instance in the same tick in which it was chosen; `leave` gives it back. */
  leave(instance: Instance): void {
    instance.active -= 1;
    if (instance.active > 0) return;
    if (this.leaving.delete(instance)) {
      void instance.close();
      this.options.onDrained();
    } else if (!instance.ready || !this.pointedAt().has(instance.setId)) this.options.onDrained();
  }

  /** Instances that get nothing new and are still at work. */
  draining(): ServedRoutes['draining'] {
    const pointedAt = this.pointedAt();
    const idle = [...this.sets.values()].flatMap((set) =>
      set.instances.filter((instance) => !instance.ready || !pointedAt.has(set.setId)),
    );
    return [...this.leaving, ...idle]
      .filter((instance) => instance.active > 0)
      .map(({ setId, instanceId, active }) => ({ setId, instanceId, requests: active }));
  }

  async close(): Promise<void> {
    const all = [...this.leaving, ...[...this.sets.values()].flatMap((set) => set.instances)];
    await Promise.all(all.map((instance) => instance.close()));
  }

  private pointedAtCache: Set<string> | undefined;
  private pointedAt(): ReadonlySet<string> {
    this.pointedAtCache ??= new Set(
      [...this.installations.values()].flatMap(({ stable, candidate }) =>
        [stable, candidate].flatMap((slot) => (slot ? [slot.setId] : [])),
      ),
    );
    return this.pointedAtCache;
  }

  private servePolicies(at: FeedVersion): void {
    this.pointedAtCache = undefined;
    this.policiesAt = at;
    this.options.onVersion();
  }

  private serveEndpoints(at: FeedVersion): void {
    this.endpointsAt = at;
    this.options.onVersion();
  }

  private putPolicy({ key, data }: FeedEntry, before: Installation | undefined): void {
    const read = RoutePolicy.safeParse(data);
    if (read.success && installationKey(read.data) === key)
      this.installations.set(key, before?.under(read.data) ?? new Installation(key, read.data));
    else {
      const reason = read.success ? `it is about ${installationKey(read.data)}` : read.error.message;
      this.options.onUnreadable('policies', key, reason);
      if (before) this.installations.set(key, before);
    }
  }

  private putSet({ key, data }: FeedEntry): void {
    const listed: unknown = (data as { instances?: unknown } | null)?.instances;
    if (!Array.isArray(listed)) {
      this.options.onUnreadable('endpoints', key, 'it lists no instances');
      return;
    }
    const endpoints = listed.flatMap((each) => {
      const read = RouteEndpoint.safeParse(each);
      if (!read.success) this.options.onUnreadable('endpoints', key, read.error.message);
      return read.success ? [read.data] : [];
    });
    const set = this.sets.get(key) ?? new InstanceSet(key);
    this.sets.set(key, set);
    this.part(set.update(endpoints));
  }

  private dropSet(setId: string): void {
    this.part(this.sets.get(setId)?.instances ?? []);
    this.sets.delete(setId);
  }

  private part(instances: readonly Instance[]): void {
    for (const instance of instances) {
      instance.ready = false;
      if (instance.active > 0) this.leaving.add(instance);
      else void instance.close();
    }
  }

  private index(): void {
    this.tenants = new Map();
    for (const installation of this.installations.values()) this.indexOne(installation);
  }

  private indexOne(installation: Installation | undefined): void {
    if (!installation) return;
    const { tenantId, environment } = installation.policy;
    const names = this.tenants.get(tenantId) ?? new Map<string, Running>();
    this.tenants.set(tenantId, names);
    for (const name of namesOf(installation)) {
      const running = names.get(name) ?? new Map<EnvironmentName, Installation>();
      const other = running.get(environment);
      // Refused when it is deployed; should it come all the same, a plugin's own id wins over another's prefix.
      if (!other || other.key === installation.key || name === installation.policy.pluginId)
        running.set(environment, installation);
      names.set(name, running);
    }
  }

  private unindex(installation: Installation | undefined): void {
    if (!installation) return;
    const { tenantId, environment } = installation.policy;
    const names = this.tenants.get(tenantId);
    if (!names) return;
    for (const name of namesOf(installation)) {
      const running = names.get(name);
      if (running?.get(environment)?.key !== installation.key) continue;
      running.delete(environment);
      if (running.size === 0) names.delete(name);
    }
    if (names.size === 0) this.tenants.delete(tenantId);
  }
}

const namesOf = ({ policy }: Installation): string[] => [policy.pluginId, ...policy.prefixes];
