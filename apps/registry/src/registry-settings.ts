import { join } from 'node:path';
import { FileArtifactStore, S3ArtifactStore, Staging, type ArtifactStore } from '@switchyard/artifacts';
import semver from 'semver';
import type { Artifacts } from './artifacts/artifacts.js';
import type { RegistryConfig } from './options.js';
import type { RegistryOptions } from './registry-options.js';

/** What the service works with, from what it was configured with. */
export const registrySettings = (config: RegistryConfig, clock: () => number): RegistryOptions => ({
  clock,
  approvalRequired: config.PLUGIN_APPROVAL === 'required',
  maxArtifactBytes: config.ARTIFACT_MAX_MB * 1_000_000,
  maxUploads: config.ARTIFACT_UPLOADS,
  collectAfterMs: config.ARTIFACT_COLLECT_HOURS * 3_600_000,
  housekeepingMs: config.HOUSEKEEPING_SECONDS * 1000,
  runtimes: { ...builtIn, ...Object.fromEntries(config.RUNTIMES.map(readRuntime)) },
});

/** What the platform itself is to a plugin. */
const builtIn = {
  NodeJs: process.versions.node,
  Node: process.versions.node,
  node: process.versions.node,
  nexus_version: '1.0.0',
  veko: '2.0.0',
};

function readRuntime(entry: string): [name: string, version: string] {
  const [name = '', version = ''] = entry.split('=');
  return [name, semver.valid(version) ?? semver.coerce(version)?.version ?? version];
}

/** `folder`: where files are kept, or lie until a store has them. */
export const openArtifacts = (config: RegistryConfig, folder: string): Artifacts => ({
  store: storeFor(config, folder),
  staging: new Staging({ folder: join(folder, 'staging') }),
});

function storeFor(config: RegistryConfig, folder: string): ArtifactStore {
  const {
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = config;
  if (endpoint === undefined) return new FileArtifactStore({ root: folder });
  return new S3ArtifactStore({
    endpoint,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    createBucket: config.S3_CREATE_BUCKET,
    ...(config.S3_PREFIX === undefined ? {} : { prefix: config.S3_PREFIX }),
    ...(accessKeyId !== undefined && secretAccessKey !== undefined
      ? { credentials: { accessKeyId, secretAccessKey } }
      : {}),
  });
}
