export type CapabilityChangeKind =
  | 'capability-removed'
  | 'capability-added'
  | 'method-removed'
  | 'method-added'
  | 'return-type-changed'
  | 'parameter-removed'
  | 'parameter-renamed'
  | 'parameter-moved'
  | 'parameter-type-changed'
  | 'parameter-became-required'
  | 'parameter-became-optional'
  | 'required-parameter-added'
  | 'optional-parameter-added';

export interface CapabilityChange {
  readonly kind: CapabilityChangeKind;
  readonly breaking: boolean;
  readonly capabilityId: string;
  readonly method?: string;
  readonly parameter?: string;
  /** One sentence. */
  readonly message: string;
}
