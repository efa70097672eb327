import { databaseTime } from './database-time.js';

describe('an instant for PostgreSQL', () => {
  it.each([
    ['2026-01-31T10:00:00Z', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T10:00:00.123456Z', '2026-01-31T10:00:00.123456Z'],
    ['2026-01-31T10:00:00.1234567+02:00', '2026-01-31T08:00:00.123456Z'],
    ['2026-01-31T10:00:00-23:59', '2026-02-01T09:59:00.000Z'],
    ['0000-01-01T00:00:00Z', '-infinity'],
    ['9999-12-31T23:59:59-10:00', 'infinity'],
  ])('%s is %s', (instant, expected) => {
    expect(databaseTime(instant)).toBe(expected);
  });
});
