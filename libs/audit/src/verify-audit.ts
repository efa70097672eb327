import type { Transaction } from '@switchyard/database';
import { chainOf } from './chain.js';
import { chainState, entryOutsideTheChain, type ChainState } from './chain-state.js';
import { walkChain, type Break, type Walk } from './walk-chain.js';

export interface AuditVerification {
  tenantId: string | null;
  valid: boolean;
  /** How many entries were found as they were sealed, from the first on. */
  checked: number;
  unsealed: number;
  lastSequence: number;
  lastHash: string | null;
  firstBroken: number | null;
  problem: string | null;
}

/** Recomputes the chain of a tenant, or the platform's own; costs the same memory however long it is. */
export async function verifyAudit(tx: Transaction, tenant: string | null): Promise<AuditVerification> {
  // Row-level security would show an empty chain, and that is valid.
  if (tx.tenant !== null && tx.tenant !== tenant)
    throw new Error(`a transaction of tenant ${tx.tenant} cannot verify the chain ${chainOf(tenant)}`);
  const chain = chainOf(tenant);
  const state = await chainState(tx, chain);
  const walk = await walkChain(tx, chain, state.lastSeal);
  const broken = walk.broken ?? brokenEnd(state, walk) ?? (await outside(tx, tenant, walk));
  return {
    tenantId: tenant,
    valid: broken === undefined,
    checked: walk.checked,
    unsealed: state.unsealed,
    lastSequence: state.sequence,
    lastHash: state.sequence === 0 ? null : state.hash,
    firstBroken: broken?.sequence ?? null,
    problem: broken?.problem ?? null,
  };
}

/** The head tells how far the chain went. */
function brokenEnd(head: ChainState, walk: Walk): Break | undefined {
  const next = walk.checked + 1;
  if (head.sequence > walk.checked)
    return {
      sequence: next,
      problem: `tail cut: the chain went to ${head.sequence} and its seals end at ${walk.checked}`,
    };
  if (head.sequence < walk.checked)
    return {
      sequence: head.sequence + 1,
      problem: `changed head: it says ${head.sequence} and the seals go to ${walk.checked}`,
    };
  if (head.hash !== walk.hash)
    return { sequence: head.sequence, problem: 'changed head: its hash is not that of the last seal' };
  return undefined;
}

async function outside(tx: Transaction, tenant: string | null, walk: Walk): Promise<Break | undefined> {
  const problem = await entryOutsideTheChain(tx, tenant);
  return problem === undefined ? undefined : { sequence: walk.checked + 1, problem };
}
