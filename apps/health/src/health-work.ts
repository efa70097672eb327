import { randomUUID } from 'node:crypto';
import type { SampleBatch } from '@switchyard/contracts';
import type { ServiceContext } from '@switchyard/service';
import type { HealthOptions } from './health-options.js';
import { UsageNotes } from './history/usage-notes.js';
import { PartitionLeases } from './leases/partition-leases.js';
import { Prober } from './probes/prober.js';
import { Rounds } from './rounds.js';
import { takeSamples } from './samples/take-samples.js';
import { KnownSets } from './sets/known-sets.js';
import { SetKeeper } from './sets/set-keeper.js';

/** Tests do not wait for the time to pass. */
export interface HealthTiming {
  secondMs?: number;
  renewMs?: number;
  lifeMs?: number;
}

/** What the service does by itself: follows what runs, checks it, judges it and tells. */
export class HealthWork {
  readonly known: KnownSets;
  readonly prober: Prober;
  readonly leases: PartitionLeases;
  readonly keeper: SetKeeper;
  private readonly usage: UsageNotes;
  private readonly rounds: Rounds;

  constructor(
    private readonly context: Pick<ServiceContext, 'database' | 'runtime' | 'logger'>,
    private readonly options: HealthOptions,
    { secondMs = 1_000, ...lease }: HealthTiming = {},
  ) {
    const { database, logger } = context;
    const { clock } = options;
    const worker = `health-${randomUUID()}`;
    this.known = new KnownSets((setIds) => this.keeper.notice(setIds), logger);
    this.leases = new PartitionLeases({
      database,
      worker,
      logger,
      onChange: () => this.takeOver(),
      ...lease,
    });
    const shared = { database, known: this.known, leases: this.leases, clock, logger };
    this.keeper = new SetKeeper({
      ...shared,
      onKept: (setIds) => this.prober.refresh(setIds),
    });
    this.prober = new Prober({ ...shared, worker, concurrency: options.concurrentChecks, secondMs });
    this.usage = new UsageNotes(database, this.known, this.leases);
    this.rounds = new Rounds(logger, [
      { name: 'telling what waited', everyMs: 5 * secondMs, work: () => this.keeper.tellDue() },
      { name: 'noting what was checked', everyMs: 60 * secondMs, work: () => this.prober.noteChecked() },
      { name: 'noting what is used', everyMs: 60 * secondMs, work: () => this.usage.note(clock()) },
    ]);
  }

  async start(): Promise<void> {
    this.known.start(this.context.runtime.follow);
    await this.leases.start();
    this.rounds.start();
  }

  takeSamples(batch: SampleBatch): Promise<void> {
    const isMoving = (setId: string) => this.known.get(setId)?.deployed.moving ?? false;
    return takeSamples(this.context.database, batch, this.options.clock(), isMoving);
  }

  async stop(): Promise<void> {
    this.known.stop();
    await this.rounds.stop();
    await this.prober.stop();
    await this.keeper.stop();
    await this.leases.stop();
  }

  private takeOver(): void {
    this.prober.refreshAll();
    this.keeper
      .compare()
      .catch((error: unknown) =>
        this.context.logger.warn({ err: error }, 'what was taken over is compared when it changes'),
      );
  }
}
