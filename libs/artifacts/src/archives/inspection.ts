import type { ArchiveLimits } from './archive-limits.js';
import type { EntryLedger } from './entry-ledger.js';
import type { ManifestCollector } from './manifest-collector.js';

/** What the readers of both formats report to. */
export interface Inspection {
  readonly limits: ArchiveLimits;
  readonly ledger: EntryLedger;
  readonly manifests: ManifestCollector;
}
