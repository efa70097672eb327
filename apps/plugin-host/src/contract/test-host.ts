import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { eventually } from '@switchyard/testing';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Ask extends RequestOptions {
  readonly body?: string;
}

/** A plugin in a host of its own, as an orchestrator starts one. */
export class TestHost {
  output = '';

  private constructor(
    readonly folder: string,
    readonly child: ChildProcess,
  ) {
    child.stdout!.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  static async start(
    files: Readonly<Record<string, string>>,
    config: { settings?: object; entry?: string; drainMs?: number } = {},
  ): Promise<TestHost> {
    const folder = await mkdtemp(join(tmpdir(), 'host-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, 'plugin', name)), { recursive: true });
      await writeFile(join(folder, 'plugin', name), content);
    }
    const path = join(folder, 'config');
    const whole = {
      instanceId: 'ins-1',
      pluginId: 'hello',
      version: '1.0.0',
      root: join(folder, 'plugin'),
      dataSocket: join(folder, 'data'),
      protocolSocket: join(folder, 'protocol'),
      settings: {},
      permissions: [],
      drainMs: 1000,
      ...config,
    };
    await writeFile(path, JSON.stringify(whole));
    const descriptor = await open(path, 'r');
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe', descriptor.fd] });
    await once(child, 'spawn');
    await descriptor.close();
    return new TestHost(folder, child);
  }

  async ready(): Promise<this> {
    await eventually(async () => expect((await this.protocol('/health')).status).toBe(200));
    return this;
  }

  ask(path: string, options: Ask = {}): Promise<Answer> {
    return ask({ socketPath: join(this.folder, 'data'), path, ...options });
  }

  protocol(path: string, options: Ask = {}): Promise<Answer> {
    return ask({ socketPath: join(this.folder, 'protocol'), path, ...options });
  }

  async ended(): Promise<[code: number | null, signal: string | null]> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return [this.child.exitCode, this.child.signalCode];
  }

  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
    await rm(this.folder, { recursive: true });
  }
}

function ask({ body, ...options }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ agent: false, ...options }, (res) => {
      text(res).then(
        (answer) => resolve({ status: res.statusCode!, headers: res.headers, body: answer }),
        reject,
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
