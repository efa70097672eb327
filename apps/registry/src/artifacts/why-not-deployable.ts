import { isDeployable } from '../plugins/plugin-status.js';
import type { PluginRow } from '../plugins/plugin.store.js';
import { isOffered } from '../versions/version-state.js';
import type { VersionRow } from '../versions/version.store.js';

/** Every reason why nobody may deploy it anew. */
export function whyNotDeployable(
  { plugin_id: pluginId, status }: Pick<PluginRow, 'plugin_id' | 'status'>,
  { semantic_version: version, state, recall, artifact, binary_url: binaryUrl }: VersionRow,
): string[] {
  const name = `${pluginId} ${version}`;
  return [
    ...(state === 'Recalled'
      ? [`${name} was recalled (${recall?.reason ?? ''}): it cannot be deployed`]
      : isOffered(state)
        ? []
        : [`${name} is ${state}: it cannot be deployed`]),
    ...(isDeployable(status) ? [] : [`"${pluginId}" is ${status}: it cannot be deployed`]),
    ...(artifact === null && binaryUrl === null
      ? [`${name} has neither an artefact nor a binaryUrl: upload its artefact first`]
      : []),
  ];
}
