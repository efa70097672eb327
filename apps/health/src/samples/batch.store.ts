import type { SampleBatch } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';

/** A gateway sends one batch at a time and gives each number once: one that is not higher was counted. */
export async function isNewBatch(tx: Transaction, { gatewayId, sequence }: SampleBatch): Promise<boolean> {
  const taken = await tx.run(
    `INSERT INTO health.batches AS b (gateway_id, sequence) VALUES ($1, $2)
     ON CONFLICT (gateway_id) DO UPDATE SET sequence = excluded.sequence, taken_at = now() WHERE b.sequence < excluded.sequence`,
    [gatewayId, sequence],
  );
  return taken > 0;
}

/** No gateway sends a batch again that late. */
export const forgetBatches = (tx: Transaction): Promise<number> =>
  tx.run(`DELETE FROM health.batches WHERE taken_at < now() - interval '1 day'`);
