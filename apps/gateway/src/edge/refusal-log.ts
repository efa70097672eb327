import { recordAudit, RefusalAggregator } from '@switchyard/audit';
import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { Refusal } from './edge.js';

const everyMs = 1_000;

/** Puts refusals into the audit log: the first at once, repetitions as one entry a minute with their number. */
export class RefusalLog {
  private readonly aggregator: RefusalAggregator;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: ServiceDatabase,
    private readonly clock: () => number,
    private readonly logger: Logger,
  ) {
    this.aggregator = new RefusalAggregator({ clock });
  }

  add({ call, tenant, route, code }: Refusal): void {
    this.aggregator.add({
      tenant,
      action: 'request.refused',
      outcome: 'Refused',
      actor: call.identity?.username ?? 'anonymous',
      actorKind: call.identity?.kind ?? 'anonymous',
      subject: route,
      address: call.address,
      traceId: call.trace.traceId,
      details: { code },
    });
  }

  start(): void {
    this.timer = setInterval(() => this.flush(this.clock()), everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.flush(Number.POSITIVE_INFINITY);
    await this.writing;
  }

  private flush(now: number): void {
    const due = this.aggregator.due(now);
    if (due.length === 0) return;
    this.writing = this.writing
      .then(() =>
        this.database.withPlatform('refusals', async (tx) => {
          await Promise.all(due.map((record) => recordAudit(tx, record)));
        }),
      )
      .catch((error: unknown) => {
        this.logger.error(
          { err: error },
          'refusals could not be written to the audit log; they are kept and tried again',
        );
        for (const record of due) this.aggregator.add(record);
      });
  }
}
