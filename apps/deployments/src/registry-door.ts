import type { Readable } from 'node:stream';
import type { Digest } from '@switchyard/artifacts';
import type {
  DeployableRequest,
  DeployableVersion,
  LookedAtVersion,
  PinRequest,
  Resolution,
  ResolutionRequest,
} from '@switchyard/contracts';

/** What a deployment has to know of a version, as the registry says it while it holds the version for us. */
export type PinnedVersion = DeployableVersion;

/** What deployments asks the registry: in one process a call, between processes a request. */
export interface RegistryDoor {
  /** Keeps the version and its bytes for the holder, or says why it cannot be deployed. */
  pin(request: PinRequest): Promise<PinnedVersion>;
  /** The same, and nothing is held. */
  look(request: DeployableRequest): Promise<LookedAtVersion>;
  /** What it needs beside what is installed. */
  resolve(request: ResolutionRequest): Promise<Resolution>;
  release(holder: string): Promise<void>;
  /** The bytes of what is held. */
  open(digest: Digest): Promise<{ stream: Readable; size: number }>;
}
