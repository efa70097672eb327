import type { Transaction } from '@switchyard/database';

/** Whether the holder is the one from now on, and for how long nobody else can be. */
export const takeOwnership = async (
  tx: Transaction,
  { kind, holder, lifeMs }: { kind: string; holder: string; lifeMs: number },
): Promise<boolean> =>
  (await tx.run(
    `INSERT INTO deployments.instance_owners AS o (kind, holder, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms')
     ON CONFLICT (kind) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE o.holder = excluded.holder OR o.until < clock_timestamp()`,
    [kind, holder, lifeMs],
  )) > 0;

export const giveOwnershipUp = (tx: Transaction, kind: string, holder: string): Promise<number> =>
  tx.run('DELETE FROM deployments.instance_owners WHERE kind = $1 AND holder = $2', [kind, holder]);
