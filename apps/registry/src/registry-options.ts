/** What the registry is told at its start; a class because it is its own injection token. */
export abstract class RegistryOptions {
  /** Epoch milliseconds. */
  abstract readonly clock: () => number;
  /** Whether a PlatformAdmin has to approve a plugin before it can be deployed. */
  abstract readonly approvalRequired: boolean;
  abstract readonly maxArtifactBytes: number;
  /** At once, in this process. */
  abstract readonly maxUploads: number;
  /** How long bytes that nobody refers to are kept. */
  abstract readonly collectAfterMs: number;
  abstract readonly housekeepingMs: number;
  /** What the platform offers to run plugins on, by the name that dependencies use. */
  abstract readonly runtimes: Readonly<Record<string, string>>;
}
