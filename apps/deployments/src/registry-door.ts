import type { Digest } from '@switchyard/artifacts';
import type { Identity } from '@switchyard/auth';
import type { Manifest } from '@switchyard/contracts';

/** What a deployment has to know of a version, as the registry says it while it holds the version for us. */
export interface PinnedVersion {
  readonly pluginId: string;
  readonly version: string;
  readonly category: string;
  readonly digest: Digest;
  readonly runtime: { readonly type: string; readonly version: string };
  readonly resources: {
    readonly minCpu: number;
    readonly maxCpu: number;
    readonly minMemoryMB: number;
    readonly maxMemoryMB: number;
  };
  readonly manifest: Partial<Manifest>;
  /** Whether its bytes are in the registry's store. */
  readonly stored: boolean;
  readonly signed: boolean;
  readonly warnings: readonly string[];
}

/** What deployments asks the registry: in one process a call, between processes a request. */
export interface RegistryDoor {
  /** Keeps the version and its bytes for the holder, or says why it cannot be deployed. As the caller sees it. */
  pin(request: {
    identity: Identity;
    /** Whose installation it is for: what is private to others is not there. */
    tenantId: string;
    pluginId: string;
    version: string;
    holder: string;
  }): Promise<PinnedVersion>;
  release(holder: string): Promise<void>;
  /** A file with the artefact's bytes; `done` when they are not needed there any more. */
  fetch(digest: Digest): Promise<string>;
}
