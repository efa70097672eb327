/** What happened in this process and somebody here may wait for: said after the commit, lost without harm. */
export type Hint = 'outbox' | 'log' | 'replay' | `feed:${string}`;

type Listener = (hint: Hint) => void;
const listeners = new Set<Listener>();

export const localHints = {
  give(hint: Hint): void {
    for (const listener of listeners) listener(hint);
  },
  /** Returns how to stop listening. */
  onHint(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
