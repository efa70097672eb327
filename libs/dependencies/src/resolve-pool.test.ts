import { spawnSync } from 'node:child_process';
import {
  InvalidResolveRequestError,
  ResolutionAbandonedError,
  ResolutionOutOfMemoryError,
  ResolutionTimedOutError,
} from './resolution-errors.js';
import { ResolvePool } from './resolve-pool.js';
import { resolve } from './resolve.js';
import type { ResolveRequest } from './resolve-request.js';

const limits = { timeMs: 20_000, maxOldSpaceMb: 128 };
const simple: ResolveRequest = {
  roots: [{ id: 'shop', constraint: '^1.0.0' }],
  catalogue: { shop: [{ version: '1.0.0', state: 'Stable', dependencies: [], conflicts: [] }] },
  installed: [],
  runtimes: {},
};

/** More pigeons than holes: no proof of that in this calculus is short. */
function pigeons(count: number): ResolveRequest {
  const ids = Array.from({ length: count }, (_, at) => `pigeon-${at}`);
  const holes = Array.from({ length: count - 1 }, (_, at) => `${at + 1}.0.0`);
  const versions = (own: string) =>
    holes.map((hole) => ({
      version: hole,
      state: 'Stable' as const,
      dependencies: [],
      conflicts: ids.filter((id) => id !== own).map((id) => ({ dependencyId: id, versionConstraint: hole })),
    }));
  return {
    roots: ids.map((id) => ({ id, constraint: '*' })),
    catalogue: Object.fromEntries(ids.map((id) => [id, versions(id)])),
    installed: [],
    runtimes: {},
  };
}

describe('ResolvePool', () => {
  let pool: ResolvePool;
  beforeEach(() => {
    pool = new ResolvePool();
  });
  afterEach(() => pool.close());

  it('answers as resolve does, however many ask at once', async () => {
    const requests = [simple, pigeons(4), { ...simple, roots: [{ id: 'gone', constraint: '*' }] }, simple];
    const answers = await Promise.all(requests.map((request) => pool.resolveInWorker(request, limits)));
    expect(answers).toEqual(requests.map(resolve));
  });

  it('stops what takes too long, and the next request is answered by a new worker', async () => {
    const stuck = pool.resolveInWorker(pigeons(30), { ...limits, timeMs: 500 });
    const next = pool.resolveInWorker(simple, limits);
    await expect(stuck).rejects.toBeInstanceOf(ResolutionTimedOutError);
    await expect(stuck).rejects.toThrow('The dependencies could not be resolved within 500 ms');
    expect((await next).ok).toBe(true);
  });

  it('stops what takes too much memory, and goes on', async () => {
    const small = { timeMs: 25_000, maxOldSpaceMb: 16 };
    await expect(pool.resolveInWorker(pigeons(60), small)).rejects.toBeInstanceOf(ResolutionOutOfMemoryError);
    expect((await pool.resolveInWorker(simple, small)).ok).toBe(true);
  });

  it('gives an invalid request its own error and keeps the worker', async () => {
    const invalid = { ...simple, roots: [{ id: 'shop', constraint: 'newest' }] };
    await expect(pool.resolveInWorker(invalid, limits)).rejects.toBeInstanceOf(InvalidResolveRequestError);
    expect((await pool.resolveInWorker(simple, limits)).ok).toBe(true);
  });

  it('refuses what is under way, what waits and what comes when it is closed', async () => {
    const asked = [pool.resolveInWorker(pigeons(30), limits), pool.resolveInWorker(simple, limits)];
    const outcomes = Promise.allSettled(asked);
    await pool.close();
    const late = await Promise.allSettled([pool.resolveInWorker(simple, limits)]);
    for (const outcome of [...(await outcomes), ...late])
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ResolutionAbandonedError) });
  });

  it('works from the build, waits for its answer, and then keeps no process alive', () => {
    const script = `
      import { ResolvePool } from '@switchyard/dependencies';
      const answer = await new ResolvePool().resolveInWorker(${JSON.stringify(simple)}, ${JSON.stringify(limits)});
      process.stdout.write(String(answer.ok));`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ stdout, status }).toEqual({ stdout: 'true', status: 0 });
  });
});
