export const countedOutcomes = [
  'handled',
  'duplicates',
  'retries',
  'interruptions',
  'deadLetters',
  'replayed',
  'lostLeases',
  'foreign',
] as const;
export type CountedOutcome = (typeof countedOutcomes)[number];

/** What this process did, since it started. */
export class EventCounters {
  private readonly byGroup = new Map<string, Record<CountedOutcome, number>>();

  count(group: string, outcome: CountedOutcome, by = 1): void {
    const counts =
      this.byGroup.get(group) ??
      (Object.fromEntries(countedOutcomes.map((name) => [name, 0])) as Record<CountedOutcome, number>);
    counts[outcome] += by;
    this.byGroup.set(group, counts);
  }

  of(group: string): Readonly<Record<CountedOutcome, number>> | undefined {
    return this.byGroup.get(group);
  }

  groups(): string[] {
    return [...this.byGroup.keys()];
  }
}
