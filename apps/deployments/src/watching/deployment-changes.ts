import { deploymentChangesFeed } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { Follow, Following } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import type { Change } from './change.js';
import { changesAfter, pruneChanges, readHead, type Head } from './change.store.js';
import type { ResourceVersion } from './resource-version.js';

export interface DeploymentChangesParts {
  readonly database: ServiceDatabase;
  readonly follow: Follow;
  readonly logger: Logger;
  /** How long a watch that was cut can go on from where it was. */
  readonly keepMs: number;
  /** Changes that are kept in memory: whoever lags further behind reads them from the database. */
  readonly remember?: number;
  readonly tidyEveryMs?: number;
}

const atOnce = 500;

export const startOver = (why: string): AppError =>
  new AppError('GONE', `${why}: list again, and watch from the resourceVersion of the list`);

/** All changes of deployments in their order, read once for everybody who watches here. */
export class DeploymentChanges {
  private readonly remember: number;
  private recent: Change[] = [];
  /** What comes after this version is in `recent`, up to `head`. */
  private from = 0;
  private head: Head | undefined;
  private readonly waiting = new Set<() => void>();
  private following: Following | undefined;
  private tidying: NodeJS.Timeout | undefined;

  constructor(private readonly parts: DeploymentChangesParts) {
    this.remember = parts.remember ?? 1_000;
  }

  start(): void {
    const look = (): Promise<void> => this.look();
    this.following = this.parts.follow(deploymentChangesFeed, undefined, {
      onSnapshot: look,
      onChange: look,
      onGone: look,
    });
    this.tidying = setInterval(() => {
      this.tidy().catch((error: unknown) =>
        this.parts.logger.warn({ err: error }, 'old changes stay for now; it is tried again'),
      );
    }, this.parts.tidyEveryMs ?? 60_000);
  }

  stop(): void {
    clearInterval(this.tidying);
    this.following?.stop();
  }

  /** Forgets what is older than it has to be kept. */
  async tidy(): Promise<void> {
    const { database, keepMs } = this.parts;
    const prune = () => database.withPlatform('watch deployments', (tx) => pruneChanges(tx, keepMs));
    while ((await prune()) > 0);
  }

  /** Throws GONE unless everything that came after the version can be told. */
  async mustKnow({ epoch, version }: ResourceVersion): Promise<void> {
    const head = await this.parts.database.withPlatform('watch deployments', readHead);
    if (epoch !== head.epoch || version > head.version)
      throw startOver('This resourceVersion is of another time than this database');
    if (version < head.pruned) throw startOver('What came after this resourceVersion is no longer kept');
  }

  /** What came after a version, some of it at a time, and up to which version that is all. */
  async after({ epoch, version }: ResourceVersion): Promise<{ changes: readonly Change[]; upTo: number }> {
    const { head } = this;
    if (head && epoch === head.epoch && version >= this.from)
      return { changes: this.newerThan(version), upTo: Math.max(version, head.version) };
    const read = await this.parts.database.withPlatform('watch deployments', (tx) =>
      changesAfter(tx, version, atOnce),
    );
    if (epoch !== read.head.epoch) throw startOver('The database has been restored since');
    if (version < read.head.pruned)
      throw startOver('You are too far behind: what came next is no longer kept');
    const { changes } = read;
    const isAll = changes.length < atOnce;
    return {
      changes,
      upTo: isAll ? Math.max(version, read.head.version) : (changes.at(-1)?.version ?? version),
    };
  }

  /** Until something came after the version, the time has passed, or nobody wants to know any more. */
  async newsAfter({ epoch, version }: ResourceVersion, ms: number, ended: AbortSignal): Promise<void> {
    const { head } = this;
    if (ended.aborted || ms <= 0 || (head && (head.epoch !== epoch || head.version > version))) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        ended.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
      ended.addEventListener('abort', done);
    });
  }

  private newerThan(version: number): readonly Change[] {
    let at = this.recent.length;
    while (at > 0 && (this.recent[at - 1]?.version ?? 0) > version) at -= 1;
    return this.recent.slice(at);
  }

  /** A hint that comes while it is being followed is the follower's to give again. */
  private async look(): Promise<void> {
    for (let more = true; more;) {
      const before = this.head;
      const since = before?.version ?? 0;
      const { head, changes } = before
        ? await this.read(since)
        : { head: await this.parts.database.withPlatform('watch deployments', readHead), changes: [] };
      const isAnew = before?.epoch !== head.epoch;
      more = !isAnew && changes.length === atOnce;
      if (isAnew) {
        this.recent = [];
        this.from = head.version;
        this.head = head;
      } else {
        this.recent.push(...changes);
        // What was read is all that there is only when there was room for more.
        this.head = more ? { ...head, version: changes.at(-1)?.version ?? since } : head;
        const forgotten = this.recent.splice(0, Math.max(0, this.recent.length - this.remember)).at(-1);
        if (forgotten) this.from = forgotten.version;
      }
    }
    for (const wake of [...this.waiting]) wake();
  }

  private read(since: number) {
    return this.parts.database.withPlatform('watch deployments', (tx) => changesAfter(tx, since, atOnce));
  }
}
