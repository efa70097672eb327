import { recordAudit } from '@switchyard/audit';
import type { Transaction } from '@switchyard/database';
import type { EdgeCall } from './call.js';

/** Writes down what a caller did, in the transaction that does it. */
export function audited(
  tx: Transaction,
  call: EdgeCall,
  entry: {
    tenant: string | null;
    action: string;
    subject: string;
    outcome?: 'Success' | 'Refused';
    details?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  return recordAudit(tx, {
    outcome: 'Success',
    ...entry,
    actor: call.identity?.username ?? 'anonymous',
    actorKind: call.identity?.kind ?? 'anonymous',
    address: call.address,
    traceId: call.trace.traceId,
  });
}
