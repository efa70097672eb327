// One real PostgreSQL for the whole run; each suite makes databases of its own on it (libs/testing).
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@switchyard/database';

export default async function setUp() {
  process.env.SWITCHYARD_TEST_RUN = randomBytes(4).toString('hex');
  if (process.env.DATABASE_URL) {
    process.env.SWITCHYARD_TEST_DATABASE_URL = process.env.DATABASE_URL;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-test-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder, throwaway: true });
  process.env.SWITCHYARD_TEST_DATABASE_URL = postgres.url;
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  // jest ends at once on a signal, and the server is detached: nobody else would stop it.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    process.once(signal, () => void globalThis.stopTestPostgres().finally(() => process.exit(code)));
}
