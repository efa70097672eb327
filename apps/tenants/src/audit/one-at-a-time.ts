import { AppError } from '@switchyard/errors';

/**
 * For work that is worth its cost once: whoever asks for what is being done gets the same answer, others wait their turn,
 * and beyond a few nobody waits. One tenant that verifies a long chain all day leaves the service to the others.
 */
export class OneAtATime {
  private readonly underway = new Map<string, Promise<unknown>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly most: number) {}

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const shared = this.underway.get(key);
    if (shared) return shared as Promise<T>;
    if (this.underway.size >= this.most)
      throw new AppError('SERVICE_UNAVAILABLE', 'Others are being served; this takes a while for each', {
        retryAfter: 5,
      });
    const turn = this.last.then(work, work).finally(() => this.underway.delete(key));
    this.underway.set(key, turn);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
