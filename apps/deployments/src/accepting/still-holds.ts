import { isDeepStrictEqual } from 'node:util';
import type { Demands, InstalledRow } from '../installations/installed.store.js';
import type { Order } from './order.js';

/**
 * Whether what was resolved for one view of an environment holds for another one. What neither names the other changes nothing:
 * whoever deploys many things at once must not make each of them begin again.
 */
export function stillHolds(
  orders: readonly Order[],
  before: readonly InstalledRow[],
  now: readonly InstalledRow[],
): boolean {
  const isIn = (rows: readonly InstalledRow[], row: InstalledRow): boolean =>
    rows.some((each) => each.plugin_id === row.plugin_id && isDeepStrictEqual(each, row));
  const changed = [...before.filter((row) => !isIn(now, row)), ...now.filter((row) => !isIn(before, row))];
  return !changed.some((row) => orders.some((order) => concerns(order, row)));
}

function concerns({ key, version }: Order, row: InstalledRow): boolean {
  const theirs = [row.stable_demands, row.moving_demands].some(
    (demands) => demands !== null && names(demands, key.plugin_id),
  );
  return theirs || names(version, row.plugin_id);
}

const names = ({ dependencies, conflicts }: Demands, pluginId: string): boolean =>
  [...dependencies, ...conflicts].some(({ dependencyId }) => dependencyId === pluginId);
