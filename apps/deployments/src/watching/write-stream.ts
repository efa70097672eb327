import type { Writable } from 'node:stream';

export interface Writing {
  /** How long the reader may read nothing while something waits for it. */
  readonly patienceMs: number;
  /** The last words for one that was too slow, should it read on. */
  readonly tooSlow: () => string;
  /** How long after its last words it is cut. */
  readonly graceMs: number;
}

/**
 * Writes what comes for as long as it comes and somebody reads. Nothing is fetched before the reader has room for it: however
 * slow it is, only one piece of it waits here.
 */
export async function writeStream(
  to: Writable,
  pieces: AsyncIterator<string>,
  { patienceMs, tooSlow, graceMs }: Writing,
): Promise<void> {
  const isOpen = (): boolean => !to.destroyed && !to.writableEnded;
  try {
    while (isOpen()) {
      const next = await pieces.next();
      if (next.done || !isOpen()) break;
      if (to.write(next.value)) continue;
      if ((await drained(to, patienceMs)) === 'slow') {
        if (isOpen()) to.write(tooSlow());
        break;
      }
    }
  } finally {
    await pieces.return?.();
    if (isOpen()) to.end();
    // What has gone out may have left its connection to another answer.
    const cut = (): void => {
      if (!to.writableFinished) to.destroy();
    };
    if (!to.writableFinished) setTimeout(cut, graceMs).unref();
  }
}

function drained(to: Writable, patienceMs: number): Promise<'drained' | 'slow' | 'closed'> {
  return new Promise((resolve) => {
    const done = (how: 'drained' | 'slow' | 'closed') => () => {
      clearTimeout(timer);
      to.off('drain', onDrain).off('close', onClose);
      resolve(how);
    };
    const onDrain = done('drained');
    const onClose = done('closed');
    const timer = setTimeout(done('slow'), patienceMs);
    to.once('drain', onDrain).once('close', onClose);
    if (to.destroyed) onClose();
  });
}
