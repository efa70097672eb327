import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SetSpec } from '../../orchestrator.js';
import type { InstanceFolder } from '../instances/instance-folder.js';
import type { Command } from '../instances/start-process.js';
import { isNode, type RunnerCommand } from './parse-runners.js';

/** The same from the sources, from what is built of them, and from the bundle that an app runs as. */
export const hostEntry = findHost(dirname(fileURLToPath(import.meta.url)));

function findHost(folder: string): string {
  for (const place of ['dist/apps/plugin-host/main.js', 'apps/plugin-host/dist/main.js']) {
    const path = join(folder, place);
    if (existsSync(path)) return path;
  }
  if (dirname(folder) === folder) throw new Error('the plugin host is not built: run npm run build');
  return findHost(dirname(folder));
}

/** The rest of an instance's memory is for buffers, code and stacks. */
const HEAP_SHARE = 0.75;

export interface LaunchOptions {
  readonly spec: SetSpec;
  readonly instanceId: string;
  readonly folder: InstanceFolder;
  readonly root: string;
  readonly port: number | null;
  readonly path: string;
  readonly marks: Readonly<Record<string, string>>;
  readonly runners: ReadonlyMap<string, RunnerCommand>;
}

/** What to start for an instance. Nothing secret is in it: others can see arguments and environment. */
export function commandOf(options: LaunchOptions): Command {
  const { spec, root, folder, port } = options;
  const environment = {
    PATH: options.path,
    HOME: folder.work,
    TMPDIR: folder.work,
    LANG: 'C.UTF-8',
    ...options.marks,
  };
  if (isNode(spec.runtime.type)) {
    const heapMB = Math.max(16, Math.floor(spec.resources.maxMemoryMB * HEAP_SHARE));
    const args = [`--max-old-space-size=${heapMB}`, hostEntry];
    return {
      file: process.execPath,
      args,
      cwd: root,
      environment: { ...environment, NODE_ENV: 'production' },
    };
  }
  const words = options.runners.get(spec.runtime.type);
  if (!words) throw new Error(`no runner for ${spec.runtime.type}`);
  const entry = entryPath(root, spec.entry);
  const [file = '', ...args] = words.map((word) => word.replaceAll('{entry}', entry));
  return {
    file,
    args,
    cwd: root,
    environment: {
      ...environment,
      SWITCHYARD_SOCKET: folder.dataSocket,
      SWITCHYARD_PROTOCOL_SOCKET: folder.protocolSocket,
      SWITCHYARD_CONFIG_FD: '3',
      ...(port === null ? {} : { PORT: String(port) }),
    },
  };
}

function entryPath(root: string, entry: string | undefined): string {
  if (entry === undefined) throw new Error('the version names no entry point, which its runner needs');
  const path = join(root, entry);
  if (isAbsolute(entry) || relative(root, path).split(sep)[0] === '..')
    throw new Error(`the entry point ${JSON.stringify(entry)} leads out of the artefact`);
  return path;
}

/** What the instance reads from descriptor 3. */
export const configOf = ({ spec, instanceId, folder, root }: LaunchOptions, drainMs: number): unknown => ({
  instanceId,
  pluginId: spec.pluginId,
  version: spec.version,
  root,
  ...(spec.entry === undefined ? {} : { entry: spec.entry }),
  dataSocket: folder.dataSocket,
  protocolSocket: folder.protocolSocket,
  settings: spec.settings,
  permissions: spec.permissions ?? [],
  drainMs,
});
