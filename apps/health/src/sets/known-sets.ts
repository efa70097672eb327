import { isDeepStrictEqual } from 'node:util';
import { DeployedSet, deployedSetsFeed } from '@switchyard/contracts';
import type { FeedEntry, FeedVersion, Follow, Following } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import { toldBy } from './stored-set.js';

export interface KnownSet {
  deployed: DeployedSet;
  at: FeedVersion;
}

/** What deployments tells of its sets, as last heard; every process knows all of them. */
export class KnownSets {
  private readonly sets = new Map<string, KnownSet>();
  private readonly byDeployment = new Map<string, string>();
  private following: Following | undefined;

  constructor(
    /** Only told of what has to be written. */
    private readonly onChange: (setIds: readonly string[]) => void,
    private readonly logger: Logger,
  ) {}

  start(follow: Follow): void {
    this.following = follow(deployedSetsFeed, undefined, {
      onSnapshot: (entries, at) => {
        const before = [...this.sets.keys()];
        this.sets.clear();
        this.byDeployment.clear();
        for (const entry of entries) this.put(entry, at.epoch);
        this.onChange([...new Set([...before, ...this.sets.keys()])]);
      },
      onChange: (entry, at) => {
        if (this.put(entry, at.epoch)) this.onChange([entry.key]);
      },
      onGone: (setId) => {
        this.remove(setId);
        this.onChange([setId]);
      },
    });
  }

  stop(): void {
    this.following?.stop();
  }

  /** How far this process has heard; before that, what is not known may well be there. */
  get at(): FeedVersion | undefined {
    return this.following?.at;
  }

  get(setId: string): KnownSet | undefined {
    return this.sets.get(setId);
  }

  ofDeployment(deploymentId: string): KnownSet | undefined {
    return this.sets.get(this.byDeployment.get(deploymentId) ?? '');
  }

  all(): Iterable<KnownSet> {
    return this.sets.values();
  }

  /** Whether anything but what its instances use is new: that alone changes all the time. */
  private put({ key, version, data }: FeedEntry, epoch: number): boolean {
    const parsed = DeployedSet.safeParse(data);
    if (!parsed.success || parsed.data.setId !== key) {
      // One that cannot be read stays as it was known: forgetting it would look like its end.
      this.logger.error({ setId: key, reason: parsed.error?.message }, 'what runs cannot be read');
      return false;
    }
    const before = this.sets.get(key);
    this.sets.set(key, { deployed: parsed.data, at: { epoch, version } });
    this.byDeployment.set(parsed.data.deploymentId, key);
    return !before || !isDeepStrictEqual(toldBy(before.deployed), toldBy(parsed.data));
  }

  private remove(setId: string): void {
    const known = this.sets.get(setId);
    this.sets.delete(setId);
    if (known && this.byDeployment.get(known.deployed.deploymentId) === setId)
      this.byDeployment.delete(known.deployed.deploymentId);
  }
}
