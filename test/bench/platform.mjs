import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** The platform as `npm start` runs it, on an empty folder, with limits raised so that they do not answer instead. */
export async function startBenchPlatform(env = {}) {
  const home = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  const child = spawn(process.execPath, ['dist/apps/platform/main.js'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      SWITCHYARD_HOME: home,
      PORT: '0',
      DEMO: 'account',
      RATE_LIMIT_READS: '10000000',
      RATE_LIMIT_WRITES: '10000000',
      RATE_LIMIT_SIGN_INS: '10000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /ready at (http:\/\/\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code}`)));
  });
  const post = async (path, body, token) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  const { token } = await post('/api/v1/authentication/login', {
    username: 'admin@example.com',
    password: 'Admin123!',
  });
  return {
    url,
    pid: child.pid,
    token,
    post,
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}
