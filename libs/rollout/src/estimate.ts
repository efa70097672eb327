import type { Estimate } from './effect-of.js';
import { countOf, meanOf, quantileOf, varianceOf } from './latency-histogram.js';
import type { Samples } from './samples.js';

/** 97.5 % of the normal distribution. */
const Z = 1.959964;

const nothing: Estimate = { value: null, samples: 0, low: 0, high: 0 };

export function estimateErrorRate({ errors, requests }: Samples): Estimate {
  if (requests === 0) return nothing;
  const value = errors / requests;
  const [low, high] = wilson(value, requests);
  return { value, samples: requests, low, high };
}

export function estimateMean({ latency }: Samples): Estimate {
  const samples = countOf(latency);
  const value = meanOf(latency);
  if (value === null) return nothing;
  const half = Z * Math.sqrt(varianceOf(latency) / samples);
  return { value, samples, low: Math.max(0, value - half), high: value + half };
}

/** The quantiles between which the share lies, read off the histogram. */
export function estimateQuantile({ latency }: Samples, share: number): Estimate {
  const samples = countOf(latency);
  const value = quantileOf(latency, share);
  if (value === null) return nothing;
  const [low, high] = wilson(share, samples);
  return {
    value,
    samples,
    low: quantileOf(latency, low) ?? value,
    high: quantileOf(latency, high) ?? value,
  };
}

function wilson(share: number, count: number): [low: number, high: number] {
  const z2 = Z * Z;
  const middle = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  return [Math.max(0, Math.min(share, middle - half)), Math.min(1, Math.max(share, middle + half))];
}
