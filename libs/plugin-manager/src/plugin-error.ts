/** What is wrong with a plugin's module, for its developer. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
}
