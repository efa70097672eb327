import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createTestDatabase, roleSecret, type TestDatabase } from '@switchyard/testing';

const script = new URL('./migrate-platform.mjs', import.meta.url).pathname;

/** As the platform makes it at its first start: who starts one on it finds nothing to bring up to date. */
export const createPlatformDatabase = (): Promise<TestDatabase> =>
  createTestDatabase({
    name: 'platform',
    async make(url) {
      await promisify(execFile)(process.execPath, [script], {
        env: { PATH: process.env['PATH'], DATABASE_URL: url, DATABASE_ROLE_SECRET: roleSecret },
      });
    },
  });
