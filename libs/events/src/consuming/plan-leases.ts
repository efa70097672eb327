/** How many of the partitions are the share of one member: all get the same, the first in order get what remains. */
export function fairShare(partitions: number, members: readonly string[], me: string): number {
  const rank = [...members].sort().indexOf(me);
  if (rank < 0) return 0;
  return Math.floor(partitions / members.length) + (rank < partitions % members.length ? 1 : 0);
}

export interface LeaseRow {
  partition: number;
  owner: string | null;
  /** Nobody's, or its owner did not renew it in time. */
  free: boolean;
}

export interface LeasePlan {
  release: number[];
  acquire: number[];
}

/** Gives back what is above the share, from the end; takes free ones up to the share, from the start. */
export function planLeases(rows: readonly LeaseRow[], members: readonly string[], me: string): LeasePlan {
  const share = fairShare(rows.length, members, me);
  const mine = rows
    .filter((row) => row.owner === me)
    .map((row) => row.partition)
    .sort((a, b) => a - b);
  const free = rows
    .filter((row) => row.free && row.owner !== me)
    .map((row) => row.partition)
    .sort((a, b) => a - b);
  return { release: mine.slice(share), acquire: free.slice(0, Math.max(0, share - mine.length)) };
}
