import type { Waiting } from './batch.js';
import type { LocalWindow } from './local-window.js';
import { tightest } from './tightest.js';

/** Answers a request that waited: with all it needs, or with none of it; gives the windows that got something back. */
export function settle(
  { held, missing, resolve }: Waiting,
  answered: ReadonlyMap<string, LocalWindow>,
  now: number,
): LocalWindow[] {
  const windows = missing.flatMap((key) => answered.get(key) ?? []);
  const refused = windows.filter(({ left }) => left <= 0);
  if (refused.length === 0) {
    resolve(
      tightest([...held.map(({ decision }) => decision), ...windows.map((window) => window.spend(now))]),
    );
    return [];
  }
  for (const { window } of held) window.refund();
  resolve(tightest(refused.map((window) => window.refusal())));
  return held.map(({ window }) => window);
}
