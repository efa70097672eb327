export { asPlugin } from './as-plugin.js';
export { describeError, LoadedPlugin, loadPlugin, type LoadOptions } from './load-plugin.js';
export type { Check, Handler, Next, PluginContext, UpgradeHandler } from './plugin-context.js';
export type { PluginApp } from './plugin-app.js';
export { PluginError } from './plugin-error.js';
export { PluginRequest } from './plugin-request.js';
export { PluginResponse } from './plugin-response.js';
export type { Plugin, Settings } from './plugin.js';
export type { CallerIdentity } from './read-identity.js';
