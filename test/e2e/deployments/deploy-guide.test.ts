import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { mustAnswer } from '../registry/a-plugin.js';
import { answering, crashing, publish } from './a-deployable.js';

const run = promisify(execFile);
const guide = new URL('../../../docs/guides/deploy-from-ci.md', import.meta.url);
const tenantId = 'acme-corp';

describe('the guide to deploying from CI', () => {
  let platform: RunningPlatform;
  let folder: string;
  let temporary: string;
  let token: string;

  beforeAll(async () => {
    platform = await startPlatform();
    folder = await mkdtemp(join(tmpdir(), 'switchyard-guide-'));
    temporary = await mkdtemp(join(tmpdir(), 'switchyard-guide-temporary-'));
    const text = (await readFile(guide, 'utf8')).split('deploy-guide.test.ts')[1] ?? '';
    await writeFile(join(folder, 'deploy.sh'), /```sh\n([\s\S]*?)```/.exec(text)?.[1] ?? 'exit 9');
    const { admin } = platform;
    await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: 'Acme' }), 201);
    const robot = await admin.post(`/api/v1/tenants/${tenantId}/robots`, { name: 'ci', role: 'TenantAdmin' });
    token = (robot.body as { token: string }).token;
    await publish(admin, 'greeter', '1.0.0', answering('one'));
    await publish(admin, 'greeter', '2.0.0', crashing);
  });
  afterAll(async () => {
    await platform.stop();
    for (const each of [folder, temporary]) await rm(each, { recursive: true, force: true });
  });

  const deploy = (version: string, jobId: string, more: object = {}, env: Record<string, string> = {}) =>
    run('sh', ['deploy.sh'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        TMPDIR: temporary,
        SWITCHYARD_URL: platform.url,
        SWITCHYARD_TOKEN: token,
        DEPLOYMENT: JSON.stringify({
          pluginId: 'greeter',
          pluginVersion: version,
          strategy: 'Direct',
          ...more,
        }),
        JOB_ID: jobId,
        ...env,
      },
    });

  it('waits for the end, and asks for nothing twice when the job is run again', async () => {
    const first = await deploy('1.0.0', 'job-1');
    expect(first.stdout).toMatch(/(dep-\S+) Completed, .*, 100 %: Completed/);
    const again = await deploy('1.0.0', 'job-1');
    expect(again.stdout.split(' ')[0]).toBe(first.stdout.split(' ')[0]);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('fails the job when the deployment is rolled back, and says why', async () => {
    const canary = { strategy: 'Canary', strategyConfig: { stages: '50,100', stageInterval: '60' } };
    await expect(deploy('2.0.0', 'job-2', canary)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/RolledBack, .*: Rolled back at stage 50 %: .* crashed/) as string,
    });
  });

  it('fails the job with what the platform said when it is refused', async () => {
    await expect(deploy('9.0.0', 'job-3')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/answered 404/) as string,
    });
  });
});
