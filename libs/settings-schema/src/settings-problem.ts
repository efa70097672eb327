export interface SettingsProblem {
  /** A JSON Pointer; empty for the whole. */
  readonly path: string;
  readonly message: string;
}
