import type { Comparison } from './comparison.js';

/** Why something came to pass, as data. `reasonSentence` says it. */
export type Cause =
  | MetricCause
  | {
      readonly kind: 'failedChecks';
      readonly failing: number;
      readonly instances: number;
      readonly checks: number;
    }
  | { readonly kind: 'crashes'; readonly crashed: number; readonly instances: number; readonly limit: number }
  | {
      readonly kind: 'deadline';
      readonly waitedFor: string;
      readonly seconds: number;
      readonly limit: number;
    }
  | { readonly kind: 'smokeTest'; readonly endpoint: string; readonly answer: string }
  | { readonly kind: 'noData'; readonly requests: number; readonly minSamples: number }
  | {
      readonly kind: 'person';
      readonly action: string;
      readonly actor: string;
      readonly comment: string | null;
    }
  | { readonly kind: 'superseded'; readonly by: string; readonly actor: string }
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | {
      readonly kind: 'dependency';
      readonly deploymentId: string;
      readonly pluginId: string;
      readonly version: string;
      readonly because: string;
    }
  | { readonly kind: 'started'; readonly strategy: string; readonly instances: number }
  | { readonly kind: 'instancesReady'; readonly ready: number; readonly total: number };

export interface MetricCause {
  readonly kind: 'metric';
  readonly metric: 'errorRate' | 'responseTime';
  /** A share, or milliseconds of the 95th percentile. */
  readonly value: number;
  readonly samples: number;
  readonly threshold: number | null;
  /** Of the stable slot in the same time; null without traffic there. */
  readonly stable: number | null;
  /** What decided: null is a pass. */
  readonly breached: 'threshold' | 'stable' | null;
}
