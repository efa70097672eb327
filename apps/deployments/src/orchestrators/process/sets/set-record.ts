import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetSpec } from '../../orchestrator.js';
import { writeAtomically } from '../system/write-atomically.js';

/** What is kept of a set: all but its settings, in whose places secrets may be. */
export type SetRecord = Omit<SetSpec, 'settings'> & { readonly removing: boolean };

const SET_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class SetRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async readAll(): Promise<readonly SetRecord[]> {
    const records: SetRecord[] = [];
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const record = name.endsWith('.json') ? await readRecord(path) : undefined;
      if (record) records.push(record);
      else await rm(path, { force: true });
    }
    return records;
  }

  write(record: SetRecord): Promise<void> {
    return writeAtomically(this.#pathOf(record.setId), JSON.stringify(record));
  }

  remove(setId: string): Promise<void> {
    return rm(this.#pathOf(setId), { force: true });
  }

  #pathOf(setId: string): string {
    return join(this.#folder, `${setId}.json`);
  }
}

/** It becomes the name of a file. */
export function assertSetId(setId: string): void {
  if (!SET_ID.test(setId)) throw new TypeError(`not the id of an instance set: ${JSON.stringify(setId)}`);
}

async function readRecord(path: string): Promise<SetRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as SetRecord;
  } catch {
    return undefined;
  }
}

export function toRecord(spec: SetSpec): SetRecord {
  const { settings: _settings, ...kept } = spec;
  return { ...kept, removing: false };
}
