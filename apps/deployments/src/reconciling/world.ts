import {
  DeployedSet,
  deployedSetsFeed,
  hasReached,
  routeEndpointsFeed,
  RouteEndpoints,
  servedLifeMs,
  ServedRoutes,
  servedRoutesFeed,
  SetHealth,
  setHealthFeed,
  type InstanceHealth,
  type RouteVersion,
} from '@switchyard/contracts';
import type { FeedEntry, FeedHandlers, FeedVersion, Follow, Following } from '@switchyard/events';
import { noSamples, type Samples } from '@switchyard/rollout';
import type { ObservedInstance, ObservedSet, Orchestrator } from '../orchestrators/orchestrator.js';

export interface WorldHints {
  /** Something is different about these sets. */
  sets(ids: readonly string[]): void;
  /** Gateways serve something that they did not serve before. */
  gateways(): void;
}

/** What gateways were told of a set's instances. */
interface Announced {
  readonly at: RouteVersion;
  /** Those that can be asked, and since which version: a later one that tells of others changes nothing for them. */
  readonly ready: ReadonlyMap<string, RouteVersion>;
  readonly endpoints: RouteEndpoints;
}

/** What is going on, as far as it is no row of ours: instances, their health, and what gateways serve. All in memory. */
export class World {
  private instances = new Map<string, ObservedSet>();
  private readonly health = new Map<string, SetHealth>();
  private readonly gateways = new Map<string, ServedRoutes>();
  private readonly announced = new Map<string, Announced>();
  private readonly problems = new Map<string, string>();
  private readonly told = new Map<string, ObservedInstance[]>();
  /** Whether this process looks after instances; if not, it knows of them what the one that does tells. */
  isOwner = false;
  private following: Following[] = [];
  private deaf: (() => void) | undefined;

  constructor(
    private readonly orchestrator: Orchestrator,
    private readonly follow: Follow,
    private readonly hints: WorldHints,
  ) {}

  start(): void {
    this.deaf = this.orchestrator.onChange((setId) => this.hints.sets([setId]));
    this.following = [
      this.follow(
        setHealthFeed,
        undefined,
        this.keep(this.health, readHealth, (id) => this.hints.sets([id])),
      ),
      this.follow(servedRoutesFeed, undefined, this.gatewayHandlers()),
      this.follow(
        deployedSetsFeed,
        undefined,
        this.keep(this.told, readTold, () => undefined),
      ),
      this.follow(
        routeEndpointsFeed,
        undefined,
        this.keep(this.announced, readAnnounced, (id) => this.hints.sets([id])),
      ),
    ];
  }

  stop(): void {
    this.deaf?.();
    for (const each of this.following) each.stop();
  }

  /** Before it is, nobody can tell who serves what. */
  get isComplete(): boolean {
    return this.following.length > 0 && this.following.every(({ at }) => at !== undefined);
  }

  async refresh(): Promise<void> {
    this.instances = new Map((await this.orchestrator.observe()).map((set) => [set.setId, set]));
  }

  set(setId: string): ObservedSet | undefined {
    return this.instances.get(setId);
  }

  instancesOf(setId: string): readonly ObservedInstance[] {
    return (this.isOwner ? this.instances.get(setId)?.instances : this.told.get(setId)) ?? [];
  }

  setIds(): Iterable<string> {
    return this.instances.keys();
  }

  samplesOf(setId: string): Samples {
    return this.health.get(setId)?.samples ?? noSamples;
  }

  healthOf(setId: string, instanceId: string): InstanceHealth | undefined {
    return this.health.get(setId)?.instances.find((each) => each.instanceId === instanceId);
  }

  /** Why the instances of a set cannot be brought up. */
  problemOf(setId: string): string | undefined {
    return this.problems.get(setId) ?? this.instances.get(setId)?.problem;
  }

  hasProblem(setId: string, problem: string | undefined): void {
    if (problem === undefined) this.problems.delete(setId);
    else this.problems.set(setId, problem);
  }

  /** Every live gateway serves that version or a later one. */
  everyGatewayServes(layer: 'policies' | 'endpoints', version: RouteVersion, now: number): boolean {
    return this.liveGateways(now).every((gateway) => hasReached(gateway[layer], version));
  }

  /** Every live gateway knows that the instance can be asked. */
  isReachable(setId: string, instanceId: string, now: number): boolean {
    const since = this.announced.get(setId)?.ready.get(instanceId);
    return since !== undefined && this.everyGatewayServes('endpoints', since, now);
  }

  /** What gateways were told of the set last, by whichever process. */
  endpointsOf(setId: string): RouteEndpoints | undefined {
    return this.announced.get(setId)?.endpoints;
  }

  /** No live gateway gives the instance anything new, and none still waits for an answer of it. */
  isLeft(setId: string, instanceId: string, now: number): boolean {
    const announced = this.announced.get(setId);
    if (announced !== undefined) {
      if (announced.ready.has(instanceId)) return false;
      if (!this.everyGatewayServes('endpoints', announced.at, now)) return false;
    }
    return this.liveGateways(now).every(({ draining }) =>
      draining.every((each) => each.setId !== setId || each.instanceId !== instanceId),
    );
  }

  private liveGateways(now: number): ServedRoutes[] {
    return [...this.gateways.values()].filter(({ at }) => at > now - servedLifeMs);
  }

  private keep<T>(
    map: Map<string, T>,
    read: (entry: FeedEntry, at: FeedVersion, before: T | undefined) => T | undefined,
    changed: (key: string) => void,
  ): FeedHandlers {
    const put = (entry: FeedEntry, at: FeedVersion, before = map.get(entry.key)): void => {
      const value = read(entry, at, before);
      if (value !== undefined) map.set(entry.key, value);
      changed(entry.key);
    };
    return {
      onSnapshot: (entries, at) => {
        map.clear();
        for (const entry of entries) put(entry, { epoch: at.epoch, version: entry.version }, undefined);
      },
      onChange: (entry, at) => put(entry, at),
      onGone: (key) => {
        map.delete(key);
        changed(key);
      },
    };
  }

  private gatewayHandlers(): FeedHandlers {
    const serving = (): string =>
      JSON.stringify(
        [...this.gateways.values()].map(({ gatewayId, policies, endpoints, draining }) => [
          gatewayId,
          policies,
          endpoints,
          draining,
        ]),
      );
    let before = '';
    return this.keep(this.gateways, readServed, () => {
      // A heartbeat that says the same as before is no news.
      const now = serving();
      if (now !== before) this.hints.gateways();
      before = now;
    });
  }
}

const readHealth = ({ data }: FeedEntry): SetHealth | undefined => SetHealth.safeParse(data).data;
const readServed = ({ data }: FeedEntry): ServedRoutes | undefined => ServedRoutes.safeParse(data).data;

function readAnnounced(
  { data }: FeedEntry,
  at: FeedVersion,
  before: Announced | undefined,
): Announced | undefined {
  const endpoints = RouteEndpoints.safeParse(data).data;
  if (!endpoints) return undefined;
  const ready = endpoints.instances.filter((each) => each.ready);
  const since = ready.map(({ instanceId }) => [instanceId, before?.ready.get(instanceId) ?? at] as const);
  return { at, ready: new Map(since), endpoints };
}

const readTold = ({ data }: FeedEntry): ObservedInstance[] | undefined =>
  DeployedSet.safeParse(data).data?.instances.map(({ instanceId, state, ready }) => ({
    instanceId,
    state,
    ready,
    crashes: 0,
    restarts: 0,
  }));
