import type { InstalledRow } from './installed.store.js';

export interface Dependent {
  readonly pluginId: string;
  readonly version: string;
  readonly versionConstraint: string;
}

/** What runs, or is about to, and cannot be without the plugin. */
export const dependentsOf = (pluginId: string, installed: readonly InstalledRow[]): Dependent[] =>
  installed
    .filter((row) => row.plugin_id !== pluginId)
    .flatMap((row) => {
      const [found] = [
        { version: row.stable, demands: row.stable_demands },
        { version: row.moving, demands: row.moving_demands },
      ].flatMap(({ version, demands }) =>
        (demands?.dependencies ?? [])
          .filter(
            ({ dependencyId, type, required }) => dependencyId === pluginId && required && type !== 'Runtime',
          )
          .map(({ versionConstraint }) => ({
            pluginId: row.plugin_id,
            version: version ?? '',
            versionConstraint,
          })),
      );
      return found === undefined ? [] : [found];
    });
