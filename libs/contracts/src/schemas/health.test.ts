import { DeployedSet, HealthCheck, HealthHistoryQuery } from '../index.js';
import { isoDurationMs } from './iso-duration.js';

describe('an ISO 8601 duration', () => {
  it.each([
    ['PT24H', 86_400_000],
    ['P1D', 86_400_000],
    ['P2W', 1_209_600_000],
    ['P1DT2H3M4S', 93_784_000],
    ['PT90M', 5_400_000],
  ])('%s is %d ms', (text, milliseconds) => expect(isoDurationMs(text)).toBe(milliseconds));

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '24h',
    'P1Y',
    'P1M',
    'PT1.5H',
    'pt1h',
    '-PT1H',
    'PT1H ',
    'P1W1D',
    'PT1M1H',
  ])('"%s" is none', (text) => expect(isoDurationMs(text)).toBeUndefined());
});

describe('the window of a history', () => {
  it('is a day when left out', () => expect(HealthHistoryQuery.parse({})).toEqual({ window: 'PT24H' }));
  it.each(['PT1M', 'P30D', 'PT720H', 'P4W'])('may be %s', (window) =>
    expect(HealthHistoryQuery.parse({ window })).toEqual({ window }),
  );
  it.each(['PT59S', 'P31D', 'P30DT1S', 'PT0S', 'P1M', 'a day'])('may not be %s', (window) =>
    expect(HealthHistoryQuery.safeParse({ window }).success).toBe(false),
  );
});

describe('a health check', () => {
  it('of the documentation gets the defaults', () =>
    expect(
      HealthCheck.parse({
        type: 'HttpEndpoint',
        httpEndpoint: '/health',
        intervalSeconds: 30,
        failureThreshold: 3,
      }),
    ).toEqual({
      type: 'HttpEndpoint',
      httpEndpoint: '/health',
      intervalSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
      successThreshold: 1,
    }));

  it.each([
    { type: 'Ping' },
    { type: 'HttpEndpoint', intervalSeconds: 4 },
    { type: 'HttpEndpoint', intervalSeconds: 301 },
    { type: 'HttpEndpoint', timeoutSeconds: 0 },
    { type: 'HttpEndpoint', failureThreshold: 11 },
    { type: 'HttpEndpoint', httpEndpoint: '//elsewhere.example/' },
    { type: 'HttpEndpoint', httpEndpoint: 'http://elsewhere.example/' },
    { type: 'HttpEndpoint', httpEndpoint: '/a b' },
    { type: 'HttpEndpoint', httpEndpoint: '/\r\nX: y' },
    { type: 'HttpEndpoint', customCheck: 'orders' },
    { type: 'Custom' },
    { type: 'ResourceUsage' },
    { type: 'ErrorRate', maxErrorRate: 5 },
  ])('is not %j', (check) => expect(HealthCheck.safeParse(check).success).toBe(false));

  it('of a newer service is read as far as it is known', () =>
    expect(
      DeployedSet.parse({
        setId: 'set-1',
        deploymentId: 'dep-1',
        tenantId: 'acme-corp',
        environment: 'Production',
        pluginId: 'core-payments',
        version: '1.0.0',
        resources: { maxCpu: 1, maxMemoryMB: 256 },
        healthCheck: { type: 'Custom', customCheck: 'orders', since: 'later' },
        colour: 'red',
      }),
    ).toMatchObject({ healthCheck: { type: 'Custom', failureThreshold: 3 }, moving: false, instances: [] }));
});
