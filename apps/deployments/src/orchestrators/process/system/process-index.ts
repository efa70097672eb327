import { readProcessTable, type ProcessEntry } from './process-table.js';

/** One look at all processes, asked for those of one instance. */
export class ProcessIndex {
  readonly #byPid: ReadonlyMap<number, ProcessEntry>;
  readonly #bySession = new Map<number, ProcessEntry[]>();
  readonly #byUser = new Map<number, ProcessEntry[]>();

  constructor(table: ReadonlyMap<number, ProcessEntry> = readProcessTable()) {
    this.#byPid = table;
    for (const entry of table.values()) {
      append(this.#bySession, entry.session, entry);
      append(this.#byUser, entry.uid, entry);
    }
  }

  isRunning({ pid, startTicks }: Pick<ProcessEntry, 'pid' | 'startTicks'>): boolean {
    return this.#byPid.get(pid)?.startTicks === startTicks;
  }

  /** Of the session that a process leads, and of a user who has nothing else. */
  of(
    leader: Pick<ProcessEntry, 'pid' | 'startTicks'> | null,
    ownUser: number | null,
  ): readonly ProcessEntry[] {
    const found = new Set(ownUser === null ? [] : this.#byUser.get(ownUser));
    const now = leader && this.#byPid.get(leader.pid);
    // Another process with that id means that the session is another one, too.
    if (leader && (!now || now.startTicks === leader.startTicks))
      for (const entry of this.#bySession.get(leader.pid) ?? []) found.add(entry);
    return [...found];
  }

  hasUser(uid: number): boolean {
    return this.#byUser.has(uid);
  }

  get all(): Iterable<ProcessEntry> {
    return this.#byPid.values();
  }
}

function append(map: Map<number, ProcessEntry[]>, key: number, entry: ProcessEntry): void {
  const there = map.get(key);
  if (there) there.push(entry);
  else map.set(key, [entry]);
}
