import { closeSync, readFileSync } from 'node:fs';

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

/** Once: what the plugin starts does not inherit it. */
export function readInstanceConfig(): InstanceConfig {
  const text = readFileSync(CONFIG_DESCRIPTOR, 'utf8');
  closeSync(CONFIG_DESCRIPTOR);
  return JSON.parse(text) as InstanceConfig;
}
