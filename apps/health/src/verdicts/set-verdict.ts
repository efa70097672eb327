import type { HealthStatus } from '@switchyard/contracts';

/** What is known of a set's instances, those aside that are being stopped. */
export type InstancesSeen = 'none' | 'notJudged' | 'allWell' | 'someIll' | 'allIll';
/** What the last minute's requests say; `few` are too few to say anything. */
export type TrafficSeen = 'none' | 'few' | 'fine' | 'slow' | 'failing';

/** Requests that fail outweigh what checks say; too few of them, or none, say nothing. */
export const setVerdict: Readonly<Record<InstancesSeen, Readonly<Record<TrafficSeen, HealthStatus>>>> = {
  none: { none: 'Unknown', few: 'Unknown', fine: 'Unknown', slow: 'Unknown', failing: 'Unknown' },
  notJudged: { none: 'Unknown', few: 'Unknown', fine: 'Unknown', slow: 'Degraded', failing: 'Unhealthy' },
  allWell: { none: 'Healthy', few: 'Healthy', fine: 'Healthy', slow: 'Degraded', failing: 'Unhealthy' },
  someIll: { none: 'Degraded', few: 'Degraded', fine: 'Degraded', slow: 'Degraded', failing: 'Unhealthy' },
  allIll: { none: 'Unhealthy', few: 'Unhealthy', fine: 'Unhealthy', slow: 'Unhealthy', failing: 'Unhealthy' },
};
