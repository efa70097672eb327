import { readFileSync } from 'node:fs';

/** What the platform hands over on a file descriptor: settings hold secrets, which arguments and environment would show. */
export interface InstanceConfig {
  readonly instanceId: string;
  readonly pluginId: string;
  readonly version: string;
  /** The folder with the plugin's package.json. */
  readonly root: string;
  readonly entry?: string;
  readonly dataSocket: string;
  readonly protocolSocket: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly permissions: readonly string[];
  /** How long open connections may take to end after SIGTERM. */
  readonly drainMs: number;
}

export const CONFIG_DESCRIPTOR = 3;

export function readInstanceConfig(): InstanceConfig {
  return JSON.parse(readFileSync(CONFIG_DESCRIPTOR, 'utf8')) as InstanceConfig;
}
