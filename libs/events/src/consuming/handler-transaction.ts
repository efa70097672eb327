import type { BeforeCommit, Transaction } from '@switchyard/database';
import type { QueryResultRow } from 'pg';

/** A handler that forgot to await must not write into whatever its connection does next. */
export class HandlerTransaction implements Transaction {
  private ended = false;

  constructor(private readonly inner: Transaction) {}

  get tenant(): string | null {
    return this.inner.tenant;
  }

  end(): void {
    this.ended = true;
  }

  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.open(() => this.inner.query<Row>(sql, values));
  }

  one<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row | undefined> {
    return this.open(() => this.inner.one<Row>(sql, values));
  }

  run(sql: string, values?: readonly unknown[]): Promise<number> {
    return this.open(() => this.inner.run(sql, values));
  }

  beforeCommit(action: BeforeCommit): void {
    this.inner.beforeCommit(action);
  }

  afterCommit(action: () => void): void {
    this.inner.afterCommit(action);
  }

  private open<T>(work: () => Promise<T>): Promise<T> {
    return this.ended
      ? Promise.reject(new Error("the event's transaction has ended: await everything that uses it"))
      : work();
  }
}
