import type { PluginContext } from './plugin-context.js';
import type { PluginApp } from './plugin-app.js';

export type Settings = Readonly<Record<string, unknown>>;

/** What a plugin's module exports. */
export interface Plugin {
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  /** What the settings leave out. */
  readonly defaultConfig?: Settings;
  load(app: PluginApp, config: Settings, context: PluginContext): unknown;
  unload?(app: PluginApp, config: Settings): unknown;
}
