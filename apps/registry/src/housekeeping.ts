import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { Artifacts } from './artifacts/artifacts.js';
import { collectBlobs } from './artifacts/collect-blobs.js';
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

/** What time alone makes due: downloads to count, what uploads left behind, bytes that nobody refers to. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: HousekeepingParts) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.tidy().catch((error: unknown) =>
        this.parts.logger.error({ err: error }, 'housekeeping failed; it is tried again'),
      );
    }, this.parts.options.housekeepingMs);
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
    await artifacts.staging.sweep(staleUploadMs);
    await collectBlobs(database, artifacts.store, options.collectAfterMs);
  }
}
