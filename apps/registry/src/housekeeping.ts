import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { Artifacts } from './artifacts/artifacts.js';
import { adoptStrays, collectBlobs } from './artifacts/collect-blobs.js';
import { countDue } from './installations/count-due.js';
import type { DownloadCounter } from './artifacts/download-counter.js';
import type { RegistryOptions } from './registry-options.js';

/** No upload takes that long. */
const staleUploadMs = 24 * 3_600_000;

export interface HousekeepingParts {
  database: ServiceDatabase;
  artifacts: Artifacts;
  downloads: DownloadCounter;
  options: RegistryOptions;
  logger: Logger;
}

/** Reading all names of a large store takes a while, and strays are rare. */
const betweenLooksMs = 24 * 3_600_000;

/** What time alone makes due: downloads to count, what uploads left behind, bytes that nobody refers to. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private nextLook = 0;

  constructor(private readonly parts: HousekeepingParts) {}

  /** At once for what the process before us left, and then now and again. */
  start(): void {
    this.begin(() => this.clearUp());
    this.timer = setInterval(() => this.begin(() => this.tidy()), this.parts.options.housekeepingMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    await this.parts.downloads.flush();
  }

  async tidy(): Promise<void> {
    const { database, artifacts, downloads, options } = this.parts;
    await downloads.flush();
    await countDue(database);
    await this.clearUp();
    await collectBlobs(database, artifacts.store, options.collectAfterMs);
  }

  private async clearUp(): Promise<void> {
    const { database, artifacts, options, logger } = this.parts;
    await artifacts.sweep(staleUploadMs);
    const now = options.clock();
    if (now < this.nextLook) return;
    const strays = await adoptStrays(database, artifacts.store);
    if (strays > 0) logger.info({ strays }, 'found artefacts in the store that were not written down');
    this.nextLook = now + betweenLooksMs;
  }

  /** One after the other: a large store may take longer than the interval. */
  private begin(work: () => Promise<void>): void {
    this.running ??= work()
      .catch((error: unknown) =>
        this.parts.logger.error({ err: error }, 'housekeeping failed; it is tried again'),
      )
      .finally(() => (this.running = undefined));
  }
}
