import type { ServiceDatabase } from '@switchyard/database';
import { giveOwnershipUp, takeOwnership } from './instance-owner.store.js';

const lifeMs = 10_000;
const renewEveryMs = 3_000;

export interface Ownership {
  /** Whether this process looks after instances now. */
  held(): Promise<boolean>;
  giveUp(): Promise<void>;
}

/** Instances that every process can look after. */
export const shared: Ownership = { held: async () => true, giveUp: async () => undefined };

/**
 * Instances that run on one machine are looked after by one process at a time. `holder` names the place where they run: the
 * successor of a process that was killed goes on there at once.
 */
export class ExclusiveOwnership implements Ownership {
  private renewAt = 0;
  private holds = false;

  constructor(
    private readonly database: ServiceDatabase,
    private readonly kind: string,
    private readonly holder: string,
  ) {}

  async held(): Promise<boolean> {
    const now = performance.now();
    if (now < this.renewAt) return this.holds;
    const { kind, holder } = this;
    this.holds = await this.database.withPlatform('own instances', (tx) =>
      takeOwnership(tx, { kind, holder, lifeMs }),
    );
    this.renewAt = now + renewEveryMs;
    return this.holds;
  }

  async giveUp(): Promise<void> {
    if (!this.holds) return;
    this.holds = false;
    await this.database.withPlatform('own instances', (tx) => giveOwnershipUp(tx, this.kind, this.holder));
  }
}
