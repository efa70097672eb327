/** A condition with `?` for its values, in order. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** The condition with numbered places; its values join those of the statement. */
export function placeValues({ sql, values: given }: Condition, values: unknown[]): string {
  let next = 0;
  return sql.replaceAll('?', () => `$${values.push(given[next++])}`);
}
