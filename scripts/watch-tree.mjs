import { existsSync, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const foldersUnder = (folder) => [
  folder,
  ...readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name)),
];

/**
 * Calls back with the name of each file that changes under a folder, now or in folders made later. Each folder has its
 * watcher, for Node's own recursive one loses a file when an editor saves it by renaming.
 */
export function watchTree(root, onChange) {
  const watchers = new Map();

  function add(folder) {
    if (watchers.has(folder)) return;
    const watcher = watch(folder, (_event, name) => seen(folder, name));
    watchers.set(folder, watcher);
    watcher.on('error', () => remove(folder));
  }

  function remove(folder) {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function seen(folder, name) {
    if (!existsSync(folder)) remove(folder);
    const path = join(folder, name ?? '');
    if (name && isFolder(path)) for (const made of foldersUnder(path)) add(made);
    onChange(path);
  }

  for (const folder of foldersUnder(root)) add(folder);
}
