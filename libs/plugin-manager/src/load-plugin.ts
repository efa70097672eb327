import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { pluginApp } from './plugin-app.js';
import type { Check, Handler, PluginContext, UpgradeHandler } from './plugin-context.js';
import { PluginError } from './plugin-error.js';
import type { PluginRequest } from './plugin-request.js';
import type { PluginResponse } from './plugin-response.js';
import { PluginRouter } from './plugin-router.js';
import type { Plugin, Settings } from './plugin.js';

export interface LoadOptions {
  readonly settings: Settings;
  readonly permissions?: readonly string[];
  log(level: string, message: string, details?: unknown): void;
}

type Listener = (value: unknown) => unknown;
type Telling = 'message' | 'event' | 'settings';

/** Loads a plugin and answers it loaded; what it adds afterwards counts as well. */
export async function loadPlugin(plugin: Plugin, options: LoadOptions): Promise<LoadedPlugin> {
  const loaded = new LoadedPlugin(plugin, options);
  await loaded.load();
  return loaded;
}

export class LoadedPlugin {
  readonly name: string;
  readonly version: string | undefined;
  readonly metrics = new Map<string, number>();
  readonly #plugin: Plugin;
  readonly #options: LoadOptions;
  readonly #router: PluginRouter;
  readonly #upgrades = new Map<string | undefined, UpgradeHandler>();
  readonly #listeners = new Map<Telling, Listener>();
  readonly #checks = new Map<string, Check>();
  #config: Settings;

  constructor(plugin: Plugin, options: LoadOptions) {
    this.name = plugin.name;
    this.version = plugin.version;
    this.#plugin = plugin;
    this.#options = options;
    this.#config = { ...plugin.defaultConfig, ...options.settings };
    this.#router = new PluginRouter((error, req) =>
      options.log('error', `${req.method ?? ''} ${req.path} failed`, describeError(error)),
    );
  }

  async load(): Promise<void> {
    const context = this.#context();
    await this.#plugin.load(pluginApp(context), this.#config, context);
  }

  async unload(): Promise<void> {
    const context = this.#context();
    await this.#plugin.unload?.(pluginApp(context), this.#config);
  }

  handle(req: PluginRequest, res: PluginResponse, unmatched: Handler): void {
    this.#router.handle(req, res, unmatched);
  }

  get takesUpgrades(): boolean {
    return this.#upgrades.size > 0;
  }

  /** `false` when nobody here takes it. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const path = (req.url ?? '/').split('?')[0];
    const handler = this.#upgrades.get(path) ?? this.#upgrades.get(undefined);
    if (!handler) return false;
    Promise.resolve()
      .then(() => handler(req, socket, head))
      .catch((error: unknown) => {
        this.#options.log('error', `the upgrade of ${path ?? '/'} failed`, describeError(error));
        socket.destroy();
      });
    return true;
  }

  listensTo(what: Telling): boolean {
    return this.#listeners.has(what);
  }

  async tell(what: 'message' | 'event', value: unknown): Promise<unknown> {
    return this.#listeners.get(what)?.(value);
  }

  /** When the plugin refuses them by throwing, the old ones go on. */
  async changeSettings(settings: Settings): Promise<void> {
    const next = { ...this.#plugin.defaultConfig, ...settings };
    await this.#listeners.get('settings')?.(next);
    this.#config = next;
  }

  get checks(): readonly string[] {
    return [...this.#checks.keys()];
  }

  async check(name: string): Promise<{ healthy: boolean; details?: unknown } | undefined> {
    const check = this.#checks.get(name);
    if (!check) return undefined;
    try {
      const details = await check();
      const healthy =
        details !== false &&
        !(
          typeof details === 'object' &&
          details !== null &&
          'healthy' in details &&
          details.healthy === false
        );
      return { healthy, ...(details === undefined || typeof details === 'boolean' ? {} : { details }) };
    } catch (error) {
      return { healthy: false, details: { error: (error as Error).message } };
    }
  }

  #context(): PluginContext {
    const config = (): Settings => this.#config;
    return {
      get config() {
        return config();
      },
      permissions: this.#options.permissions ?? [],
      log: (level, message, details) => this.#options.log(level, message, details),
      addRoute: (method, path, ...handlers) => this.#router.addRoute(method, path, handlers),
      addMiddleware: (handler) => this.#router.addMiddleware(handler),
      onUpgrade: (handler, path) => void this.#upgrades.set(path, assertFunction('onUpgrade', handler)),
      onSettings: (listener) => this.#listen('settings', listener as Listener),
      onMessage: (listener) => this.#listen('message', listener),
      onEvent: (listener) => this.#listen('event', listener),
      addCheck: (name, check) => void this.#checks.set(name, assertFunction('addCheck', check)),
      metric: (name, value) => {
        if (!Number.isFinite(value)) throw new PluginError(`metric ${name}: a number is expected`);
        this.metrics.set(name, value);
      },
    };
  }

  #listen(what: Telling, listener: Listener): void {
    this.#listeners.set(what, assertFunction(`a listener for ${what}`, listener));
  }
}

function assertFunction<F>(what: string, value: F): F {
  if (typeof value !== 'function') throw new PluginError(`${what}: a function is expected`);
  return value;
}

export const describeError = (error: unknown): unknown =>
  error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) };
