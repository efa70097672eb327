import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  ServiceDatabase,
  serviceUrl,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '@switchyard/database';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import pg from 'pg';
import { testSchemas } from './test-events.js';

/** A server of its own, with one database, that can be backed up and restored. */
export class BackedUpCluster {
  private readonly folders: string[] = [];
  private server: EmbeddedPostgres | undefined;
  private current = '';
  private backup = '';

  async begin(): Promise<TestDatabase> {
    this.current = await this.folder();
    this.server = await startEmbeddedPostgres({ folder: this.current, throwaway: true });
    const usual = process.env['SWITCHYARD_TEST_DATABASE_URL'];
    process.env['SWITCHYARD_TEST_DATABASE_URL'] = this.server.url;
    try {
      // Closing it must not drop what is to be restored.
      return reopened(await createTestDatabase(testSchemas), this.server.url);
    } finally {
      process.env['SWITCHYARD_TEST_DATABASE_URL'] = usual;
    }
  }

  /** Nobody may be connected. */
  async backUp(database: TestDatabase): Promise<TestDatabase> {
    await this.server?.stop();
    this.backup = await this.folder();
    await promisify(execFile)('cp', ['-a', `${this.current}/.`, this.backup]);
    this.server = await startEmbeddedPostgres({ folder: this.current, throwaway: true });
    return reopened(database, this.server.url);
  }

  /** As after a point-in-time recovery: the backup goes on as a timeline of its own. */
  async restore(database: TestDatabase): Promise<TestDatabase> {
    await this.server?.stop();
    const data = join(this.backup, 'data');
    await writeFile(join(data, 'recovery.signal'), '', { mode: 0o644 });
    await appendFile(
      join(data, 'postgresql.auto.conf'),
      "restore_command = '/bin/false'\nhot_standby = off\n",
    );
    this.server = await startEmbeddedPostgres({ folder: this.backup, throwaway: true });
    return reopened(database, this.server.url);
  }

  async end(): Promise<void> {
    await this.server?.stop();
    await Promise.all(this.folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  private async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-restore-'));
    await chmod(folder, 0o755);
    this.folders.push(folder);
    return folder;
  }
}

/** The same database on another server, or the same server on another port. */
function reopened(before: TestDatabase, serverUrl: string): TestDatabase {
  const url = new URL(serverUrl);
  url.pathname = new URL(before.adminUrl).pathname;
  const opened: ServiceDatabase[] = [];
  return {
    ...before,
    adminUrl: url.href,
    urlFor: (service) => serviceUrl(url.href, before.roleSecret, service),
    open(service, maxConnections = 5) {
      const database = new ServiceDatabase({
        service,
        url: serviceUrl(url.href, before.roleSecret, service),
        maxConnections,
      });
      opened.push(database);
      return database;
    },
    async look(sql, values = []) {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      try {
        return (await client.query(sql, values)).rows;
      } finally {
        await client.end();
      }
    },
    async close() {
      await Promise.all(opened.map((database) => database.close()));
    },
  };
}
