const minuteMs = 60_000;
const stepsInMinutes = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1_440];

/** So that a window has about this many points, of lengths that people read easily. */
export const mostPoints = 60;

export interface HistorySteps {
  stepMs: number;
  /** Beginnings of the steps, oldest first; the last is the one that is running. */
  starts: number[];
}

/** A window that ends now, cut at round times. */
export function historySteps(windowMs: number, now: number): HistorySteps {
  const minutes = stepsInMinutes.find((step) => windowMs / (step * minuteMs) <= mostPoints) ?? 1_440;
  const stepMs = minutes * minuteMs;
  const last = Math.floor(now / stepMs) * stepMs;
  const first = Math.floor((now - windowMs) / stepMs) * stepMs + stepMs;
  const starts: number[] = [];
  for (let at = Math.min(first, last); at <= last; at += stepMs) starts.push(at);
  return { stepMs, starts };
}
