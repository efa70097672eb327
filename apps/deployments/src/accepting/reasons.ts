import { AppError } from '@switchyard/errors';

/** Who judges whether something can be deployed: to deploy stops at the first reason against it, a plan names them all. */
export interface Reasons {
  /** What `check` answers; undefined when it gave a reason and the judging goes on. */
  check<T>(check: () => T | Promise<T>): Promise<T | undefined>;
}

export const stopAtTheFirst: Reasons = { check: async (check) => await check() };

export class AllReasons implements Reasons {
  readonly found: AppError[] = [];

  async check<T>(check: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      // That something could not be found out is no reason against it.
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      this.found.push(error);
      return undefined;
    }
  }
}
