import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describeError, type LoadedPlugin, type Settings } from '@switchyard/plugin-manager';
import type { Traffic } from './traffic.js';

export interface HostState {
  readonly instanceId: string;
  /** Missing while it loads. */
  plugin?: LoadedPlugin;
  ready: boolean;
  readonly traffic: Traffic;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Operation = (plugin: LoadedPlugin, body: () => Promise<unknown>, name: string) => Promise<Answer>;

const ok = (body: unknown): Answer => ({ status: 200, body });
const failed = (status: number, message: string): Answer => ({ status, body: { error: { message } } });

/** What the platform reaches: the instance protocol. */
export function createProtocolServer(state: HostState): Server {
  return createServer((req, res) => {
    answer(state, req)
      .catch((error: unknown) =>
        error instanceof NoJson
          ? failed(400, error.message)
          : { status: 500, body: { error: describeError(error) } },
      )
      .then(
        ({ status, body }) => send(res, status, body),
        () => res.destroy(),
      );
  });
}

async function answer(state: HostState, req: IncomingMessage): Promise<Answer> {
  const path = (req.url ?? '/').split('?')[0] ?? '/';
  const key = `${req.method ?? ''} ${path}`;
  if (key === 'GET /health') return health(state);
  if (key === 'GET /metrics') return ok(metrics(state));
  const name = /^GET \/checks\/([^/]+)$/.exec(key)?.[1];
  const operation = name === undefined ? operations[key] : runCheck;
  if (!operation) return failed(404, `there is no ${key} in the instance protocol`);
  if (!state.plugin) return failed(503, 'the plugin is loading');
  return operation(state.plugin, () => readJson(req), decodeURIComponent(name ?? ''));
}

function health({ instanceId, plugin, ready }: HostState): Answer {
  const body = {
    status: ready ? 'healthy' : 'starting',
    instanceId,
    plugin: plugin?.name,
    version: plugin?.version,
    checks: plugin?.checks ?? [],
    uptimeSeconds: Math.round(process.uptime()),
  };
  return { status: ready ? 200 : 503, body };
}

function metrics({ plugin, traffic }: HostState): unknown {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    metrics: Object.fromEntries(plugin?.metrics ?? []),
    requests: { total: traffic.requests, errors: traffic.errors, running: traffic.running },
    process: { rssBytes: rss, heapUsedBytes: heapUsed, cpuSeconds: (user + system) / 1e6 },
  };
}

const operations: Readonly<Partial<Record<string, Operation>>> = {
  'PUT /settings': async (plugin, body) => {
    if (!plugin.listensTo('settings'))
      return failed(409, 'the plugin takes new settings only when it starts');
    const settings = await body();
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
      return failed(400, 'settings are an object');
    try {
      await plugin.changeSettings(settings as Settings);
      return ok({ applied: true });
    } catch (error) {
      return failed(422, `the plugin refused the settings: ${(error as Error).message}`);
    }
  },
  'POST /message': async (plugin, body) =>
    plugin.listensTo('message')
      ? ok({ reply: (await plugin.tell('message', await body())) ?? null })
      : failed(404, 'the plugin takes no messages'),
  'POST /event': async (plugin, body) => {
    if (!plugin.listensTo('event')) return failed(404, 'the plugin listens to no events');
    await plugin.tell('event', await body());
    return ok({ taken: true });
  },
};

const runCheck: Operation = async (plugin, _body, name) => {
  const found = await plugin.check(name);
  return found
    ? ok(found)
    : failed(404, `the plugin has no check ${name}; it has ${plugin.checks.join(', ') || 'none'}`);
};

class NoJson extends Error {}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const body = await text(req);
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new NoJson('the body is no JSON');
  }
}

function send(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}
