import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Settings } from './plugin.js';
import type { PluginRequest } from './plugin-request.js';
import type { PluginResponse } from './plugin-response.js';

export type Next = (error?: unknown) => void;
export type Handler = (req: PluginRequest, res: PluginResponse, next: Next) => unknown;
export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown;
/** Healthy unless it answers `false`, answers `{ healthy: false }` or throws. */
export type Check = () => unknown;

/** What a plugin gets to work with. */
export interface PluginContext {
  readonly config: Settings;
  readonly permissions: readonly string[];
  log(level: string, message: string, details?: unknown): void;
  /** `path` may have `:parameters`, and `*` at its end. Handlers run in turn until one does not call `next`. */
  addRoute(method: string, path: string, ...handlers: Handler[]): void;
  /** Runs before all routes, in the order of their adding. */
  addMiddleware(handler: Handler): void;
  /** Takes WebSockets, and whatever else a connection becomes, on that path; without one, on every path. */
  onUpgrade(handler: UpgradeHandler, path?: string): void;
  /** New settings while it runs. A plugin without such a listener is started anew instead. */
  onSettings(listener: (settings: Settings) => unknown): void;
  /** What it answers is the reply. */
  onMessage(listener: (message: unknown) => unknown): void;
  onEvent(listener: (event: unknown) => unknown): void;
  /** A health check that a deployment can ask for by its name. */
  addCheck(name: string, check: Check): void;
  /** Sets a gauge, which the platform collects. */
  metric(name: string, value: number): void;
}
