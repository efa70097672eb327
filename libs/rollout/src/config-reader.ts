/** One thing that is wrong with a strategy's configuration. */
export interface ConfigProblem {
  /** `strategyConfig.stages` */
  readonly field: string;
  readonly message: string;
  readonly received: string;
  /** Choices, or the rule in words. */
  readonly allowed: readonly string[] | string;
}

/** Reads a record of strings, and collects everything that is wrong with it instead of stopping at the first. */
export class ConfigReader {
  readonly problems: ConfigProblem[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly values: Readonly<Record<string, string>>) {}

  text(key: string): string | undefined {
    this.known.add(key);
    return Object.hasOwn(this.values, key) ? this.values[key]?.trim() : undefined;
  }

  problem(key: string, message: string, allowed: ConfigProblem['allowed']): void {
    this.problems.push({
      field: `strategyConfig.${key}`,
      message,
      received: this.values[key] ?? '',
      allowed,
    });
  }

  /** What `read` answers undefined for is refused with the rule. */
  value<T>(key: string, otherwise: T, rule: string, read: (text: string) => T | undefined): T {
    const text = this.text(key);
    if (text === undefined) return otherwise;
    const value = read(text);
    if (value !== undefined) return value;
    this.problem(key, `must be ${rule}`, rule);
    return otherwise;
  }

  choice<const T extends string>(key: string, otherwise: NoInfer<T>, choices: readonly T[]): T {
    const text = this.text(key);
    if (text === undefined) return otherwise;
    const chosen = choices.find((choice) => choice === text);
    if (chosen !== undefined) return chosen;
    this.problem(key, `must be one of ${choices.join(', ')}`, choices);
    return otherwise;
  }

  boolean(key: string, otherwise: boolean): boolean {
    return this.choice(key, otherwise ? 'true' : 'false', ['true', 'false']) === 'true';
  }

  whole(key: string, otherwise: number, low: number, high: number): number {
    return this.value(key, otherwise, `a whole number from ${low} to ${high}`, (text) =>
      within(wholeNumber(text), low, high),
    );
  }

  decimal(key: string, otherwise: number, low: number, high: number): number {
    return this.value(key, otherwise, `a number from ${low} to ${high}`, (text) =>
      within(decimalNumber(text), low, high),
    );
  }

  /** Seconds, answered in milliseconds. */
  duration(key: string, otherwise: number, low: number, high: number): number {
    const seconds = this.value(key, otherwise, `seconds, from ${low} to ${high}`, (text) =>
      within(decimalNumber(text), low, high),
    );
    return Math.round(seconds * 1_000);
  }

  /** Whatever nobody asked for. */
  refuseOthers(): void {
    const allowed = [...this.known].sort();
    for (const key of Object.keys(this.values))
      if (!this.known.has(key)) this.problem(key, 'is not a key of this strategy', allowed);
  }
}

export const wholeNumber = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text) ? Number(text) : undefined;

export const decimalNumber = (text: string): number | undefined =>
  /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined;

const within = (value: number | undefined, low: number, high: number): number | undefined =>
  value !== undefined && value >= low && value <= high ? value : undefined;

/** Parts between commas; undefined when one is empty or there are too many. */
export function listOf(text: string, most: number): string[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  return parts.length <= most && parts.every((part) => part !== '') ? parts : undefined;
}
