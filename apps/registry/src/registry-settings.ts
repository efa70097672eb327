import { join } from 'node:path';
import {
  FileArtifactStore,
  openS3ArtifactStore,
  Staging,
  type S3ArtifactStoreOptions,
} from '@switchyard/artifacts';
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
export async function openArtifacts(config: RegistryConfig, folder: string): Promise<Artifacts> {
  const staging = new Staging({ folder: join(folder, 'staging') });
  if (config.S3_ENDPOINT !== undefined)
    return {
      store: await openS3ArtifactStore(s3Options(config, config.S3_ENDPOINT)),
      staging,
      sweep: (olderThanMs) => staging.sweep(olderThanMs),
    };
  const store = new FileArtifactStore({ root: folder });
  const sweep = async (olderThanMs: number) =>
    (await staging.sweep(olderThanMs)) + (await store.sweep(olderThanMs));
  return { store, staging, sweep };
}

function s3Options(config: RegistryConfig, endpoint: string): S3ArtifactStoreOptions {
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  return {
    endpoint,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    createBucket: config.S3_CREATE_BUCKET,
    ...(config.S3_PREFIX === undefined ? {} : { prefix: config.S3_PREFIX }),
    ...(accessKeyId !== undefined && secretAccessKey !== undefined
      ? { credentials: { accessKeyId, secretAccessKey } }
      : {}),
  };
}
