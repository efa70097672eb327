/** Injected, so that tests decide how time passes. Leases and deadlines use the database's clock, never this one. */
export interface Clock {
  now(): number;
  random(): number;
}

export const systemClock: Clock = { now: () => Date.now(), random: () => Math.random() };
