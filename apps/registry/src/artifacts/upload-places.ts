import { AppError } from '@switchyard/errors';

/** Each upload lies on the disk while it comes: so many at once, and no caller takes more than a quarter of them, or two. */
export class UploadPlaces {
  private readonly taken = new Map<string, number>();
  private total = 0;

  constructor(private readonly places: number) {}

  async hold<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const own = this.taken.get(caller) ?? 0;
    const share = Math.max(2, Math.ceil(this.places / 4));
    if (this.total >= this.places) throw busy(`${this.total} artefacts are being uploaded just now`);
    if (own >= share) throw busy(`${own} artefacts of yours are being uploaded just now`);
    this.taken.set(caller, own + 1);
    this.total += 1;
    try {
      return await work();
    } finally {
      this.total -= 1;
      const left = (this.taken.get(caller) ?? 1) - 1;
      if (left > 0) this.taken.set(caller, left);
      else this.taken.delete(caller);
    }
  }
}

const busy = (message: string): AppError => new AppError('SERVICE_UNAVAILABLE', message, { retryAfter: 5 });
