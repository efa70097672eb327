import type { PoolClient, QueryResultRow } from 'pg';
import type { BeforeCommit } from './before-commit.js';

/** One open transaction, with its tenant context or platform role already set. */
export interface Transaction {
  /** The tenant whose rows it sees; null for a platform transaction. */
  readonly tenant: string | null;
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row, or undefined. */
  one<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** How many rows a statement touched. */
  run(sql: string, values?: readonly unknown[]): Promise<number>;
  /** Runs when all other work is done: for what locks something that everybody needs. */
  beforeCommit(action: BeforeCommit): void;
  /** Runs after the commit, never after a rollback; must not throw. */
  afterCommit(action: () => void): void;
}

export class PgTransaction implements Transaction {
  readonly committed: (() => void)[] = [];
  readonly last: BeforeCommit[] = [];
  private closed = false;

  constructor(
    private readonly client: PoolClient,
    readonly tenant: string | null,
  ) {}

  async query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.mustBeOpen();
    return (await this.client.query<Row>(sql, values as unknown[])).rows;
  }

  async one<Row extends QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row | undefined> {
    return (await this.query<Row>(sql, values))[0];
  }

  async run(sql: string, values: readonly unknown[] = []): Promise<number> {
    this.mustBeOpen();
    return (await this.client.query(sql, values as unknown[])).rowCount ?? 0;
  }

  beforeCommit(action: BeforeCommit): void {
    this.last.push(action);
  }

  afterCommit(action: () => void): void {
    this.committed.push(action);
  }

  /** What is issued after this would run in nobody's context. */
  close(): void {
    this.closed = true;
  }

  private mustBeOpen(): void {
    if (this.closed) throw new Error('the transaction has ended: a statement came after its work was done');
  }
}
