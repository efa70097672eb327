import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf, read } from './contract/test-artifacts.js';
import { Staging } from './staging/staging.js';
import { FileArtifactStore } from './stores/file-artifact-store.js';

const worker = fileURLToPath(new URL('./contract/receive-and-keep.mjs', import.meta.url));
const KILLS = 50;
const AT_ONCE = 2;

interface Report {
  readonly digest: string;
  readonly kept: boolean;
}

describe('processes that are killed while they receive and keep', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'killed-'))));
  afterEach(() => rm(root, { recursive: true }));

  /** Killed right after its so-and-so-many-th report: in the middle of what comes next. */
  async function killed(run: number, kept: Set<string>): Promise<void> {
    const child = fork(worker, [root, String(run)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let left = 1 + (run % 9);
    child.on('message', ({ digest, kept: isKept }: Report) => {
      if (isKept) kept.add(digest);
      left -= 1;
      if (left === 0) child.kill('SIGKILL');
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  }

  it('leave nothing half-visible, lose nothing they had kept, and can be swept up after', async () => {
    const kept = new Set<string>();
    const runs = Array.from({ length: KILLS }, (_, run) => run);
    const inTurn = async (): Promise<void> => {
      for (let run = runs.shift(); run !== undefined; run = runs.shift()) await killed(run, kept);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, inTurn));

    const store = new FileArtifactStore({ root });
    const listed = new Set<string>();
    for await (const { digest, size } of store.list()) {
      const bytes = await read(await store.open(digest));
      expect([digestOf(bytes!), bytes!.length]).toEqual([digest, size]);
      listed.add(digest);
    }
    expect(kept.size).toBeGreaterThan(20);
    for (const digest of kept) expect(listed).toContain(digest);

    const staging = new Staging({ folder: join(root, 'staging') });
    // However young: their processes are gone.
    const swept = (await staging.sweep(3_600_000)) + (await store.sweep(3_600_000));
    expect(swept).toBeGreaterThan(0);
    expect(await readdir(join(root, 'staging'))).toEqual([]);
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
    console.info(`${KILLS} kills: ${listed.size} blobs, all whole; ${swept} leftovers swept`);
  }, 120_000);
});
