import fc from 'fast-check';
import {
  noTraffic,
  sliceMs,
  trafficOfLastMinute,
  windowMs,
  withTraffic,
  type TrafficSlice,
} from './traffic-window.js';

const one = { ...noTraffic, requests: 1 };
const start = Date.parse('2025-11-24T12:00:00Z');

describe('the requests of the last minute', () => {
  it('are added up slice by slice', () => {
    const slices = [0, 1, 5_000, 59_999].reduce<TrafficSlice[]>(
      (all, at) => withTraffic(all, start + at, one),
      [],
    );
    expect(slices.map(({ requests }) => requests)).toEqual([2, 1, 1]);
    expect(trafficOfLastMinute(slices, start + 59_999).requests).toBe(4);
    expect(trafficOfLastMinute(slices, start + 60_000).requests).toBe(2);
    expect(trafficOfLastMinute(slices, start + 125_000)).toEqual(noTraffic);
  });

  it('do not outlive a clock that goes back', () => {
    const slices = withTraffic([], start + 3_600_000, one);
    expect(trafficOfLastMinute(slices, start)).toEqual(noTraffic);
    expect(withTraffic(slices, start, one)).toHaveLength(1);
  });

  it('never miss one of the last 55 seconds, nor hold one older than 65, nor more than 13 slices', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { maxLength: 60 }), (pauses) => {
        const times: number[] = [];
        let slices: TrafficSlice[] = [];
        let now = start;
        for (const pause of pauses) {
          now += pause;
          times.push(now);
          slices = withTraffic(slices, now, one);
          expect(slices.length).toBeLessThanOrEqual(windowMs / sliceMs + 1);
        }
        const within = (milliseconds: number) => times.filter((at) => at > now - milliseconds).length;
        const { requests } = trafficOfLastMinute(slices, now);
        expect(requests).toBeGreaterThanOrEqual(within(windowMs - sliceMs));
        expect(requests).toBeLessThanOrEqual(within(windowMs + sliceMs));
      }),
    );
  });
});
