export interface CapabilityParameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

export interface CapabilityMethod {
  readonly name: string;
  readonly returnType: string;
  readonly parameters: readonly CapabilityParameter[];
}

/** What a plugin version promises to those that use it. */
export interface Capability {
  readonly capabilityId: string;
  readonly name: string;
  readonly version: string;
  readonly methods: readonly CapabilityMethod[];
}
