import type { WatchEvent } from '@switchyard/contracts';
import type { AppError } from '@switchyard/errors';
import { tellingOf, type WatchFilter } from './change.js';
import type { DeploymentChanges } from './deployment-changes.js';
import { resourceVersionText, type ResourceVersion } from './resource-version.js';

export interface WatchedFrom {
  readonly at: ResourceVersion;
  /** All there was then, when it has to be told; null: the caller knows it. */
  readonly current: readonly WatchEvent['object'][] | null;
}

export interface Watch {
  readonly changes: Pick<DeploymentChanges, 'after' | 'newsAfter'>;
  readonly filter: WatchFilter;
  readonly from: WatchedFrom;
  /** Nobody is left without a word for longer than that. */
  readonly silenceMs: number;
  readonly bookmarks: boolean;
  readonly ended: AbortSignal;
  readonly asError: (thrown: unknown) => AppError;
  readonly errorBody: (error: AppError) => Record<string, unknown>;
}

/** null: a sign of life that says nothing. */
export async function* watchEvents(watch: Watch): AsyncGenerator<WatchEvent | null> {
  const { from, ended } = watch;
  if (from.current) {
    // Whoever is cut off among these has not seen all: there is no place to go on from.
    for (const object of from.current) yield { type: 'ADDED', resourceVersion: null, object };
    yield bookmark(from.at);
  }
  let at = from.at;
  let told = performance.now();
  while (!ended.aborted) {
    let news: Awaited<ReturnType<DeploymentChanges['after']>>;
    try {
      news = await watch.changes.after(at);
    } catch (thrown) {
      const error = watch.asError(thrown);
      yield { type: 'ERROR', resourceVersion: null, object: watch.errorBody(error) };
      return;
    }
    for (const change of news.changes) {
      const type = tellingOf(change, watch.filter);
      if (type === null) continue;
      const resourceVersion = resourceVersionText({ epoch: at.epoch, version: change.version });
      yield { type, resourceVersion, object: { ...change.object } };
      told = performance.now();
    }
    const isAll = news.upTo === at.version;
    at = { ...at, version: news.upTo };
    if (isAll) await watch.changes.newsAfter(at, told + watch.silenceMs - performance.now(), ended);
    if (performance.now() - told >= watch.silenceMs && !ended.aborted) {
      yield watch.bookmarks ? bookmark(at) : null;
      told = performance.now();
    }
  }
}

const bookmark = (at: ResourceVersion): WatchEvent => ({
  type: 'BOOKMARK',
  resourceVersion: resourceVersionText(at),
  object: null,
});
