import { HasherBusyError, PasswordHasher, passwordProblems } from '@switchyard/auth';
import { AppError } from '@switchyard/errors';

/** Hashing as an operation that a caller may be refused: too weak, or too many at once. */
export class Passwords {
  private readonly hasher: PasswordHasher;

  constructor(cost: number) {
    this.hasher = new PasswordHasher({ ln: cost });
  }

  /** For a new password: says everything that is wrong with it. */
  async hash(password: string, username: string, field = 'password'): Promise<string> {
    const problems = passwordProblems(password, { username });
    if (problems.length > 0)
      throw new AppError('VALIDATION_ERROR', 'The password is not acceptable', {
        details: problems.map((message) => ({ field, message })),
      });
    return await this.whenFree(() => this.hasher.hash(password));
  }

  verify(password: string, hash: string): Promise<boolean> {
    return this.whenFree(() => this.hasher.verify(password, hash));
  }

  /** Costs what a real check costs, so that the time does not tell whether the account exists. */
  verifyAgainstNothing(password: string): Promise<boolean> {
    return this.whenFree(async () => {
      await this.hasher.verifyAgainstNothing(password);
      return false;
    });
  }

  private async whenFree<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HasherBusyError)) throw error;
      throw new AppError('SERVICE_UNAVAILABLE', 'Too many people sign in at this moment', {
        retryAfter: 2,
        cause: error,
      });
    }
  }
}
