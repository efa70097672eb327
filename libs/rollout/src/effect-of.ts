/** A value and where the true one lies with 95 % confidence. */
export interface Estimate {
  readonly value: number | null;
  readonly samples: number;
  readonly low: number;
  readonly high: number;
}

export interface Effect {
  readonly effect: number | null;
  readonly interval: readonly [low: number, high: number] | null;
}

/** The interval of a difference from those of both sides (MOVER; with Wilson's for shares it is Newcombe's method 10). */
export function effectOf(candidate: Estimate, stable: Estimate): Effect {
  if (candidate.value === null || stable.value === null) return { effect: null, interval: null };
  const effect = candidate.value - stable.value;
  const below = Math.hypot(candidate.value - candidate.low, stable.high - stable.value);
  const above = Math.hypot(candidate.high - candidate.value, stable.value - stable.low);
  return { effect, interval: [effect - below, effect + above] };
}
