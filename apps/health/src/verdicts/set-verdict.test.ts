import { setVerdict } from './set-verdict.js';

const traffic = ['none', 'few', 'fine', 'slow', 'failing'] as const;

describe('the verdict on a set', () => {
  it.each([
    ['none', 'Unknown Unknown Unknown Unknown Unknown'],
    ['notJudged', 'Unknown Unknown Unknown Degraded Unhealthy'],
    ['allWell', 'Healthy Healthy Healthy Degraded Unhealthy'],
    ['someIll', 'Degraded Degraded Degraded Degraded Unhealthy'],
    ['allIll', 'Unhealthy Unhealthy Unhealthy Unhealthy Unhealthy'],
  ] as const)('of which instances are "%s" is, by its requests: %s', (instances, expected) => {
    expect(traffic.map((seen) => setVerdict[instances][seen]).join(' ')).toBe(expected);
  });

  it('has no more rows and columns than these', () => {
    expect(Object.keys(setVerdict)).toHaveLength(5);
    for (const row of Object.values(setVerdict)) expect(Object.keys(row)).toEqual(traffic);
  });
});
