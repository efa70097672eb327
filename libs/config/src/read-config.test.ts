import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type ConfigError,
  describeOptions,
  flag,
  list,
  port,
  readConfig,
  secretText,
  seconds,
  url,
} from './index.js';

const schema = z.object({
  PORT: port({ description: 'where it listens' }).prefault('8080'),
  DEMO: flag({ description: 'the demo' }).prefault('on'),
  ORIGINS: list({ description: 'origins' }).prefault(''),
  GRACE: seconds({ min: 1, max: 60 }, { description: 'grace' }).prefault('10'),
  UPSTREAM: url(['http', 'https'], { description: 'upstream' }).optional(),
  PASSWORD: secretText({ description: 'password' }).optional(),
});

const problemsOf = (environment: Record<string, string>) => {
  try {
    readConfig(
      schema,
      [(c) => (c.DEMO && c.UPSTREAM ? 'DEMO and UPSTREAM exclude each other' : undefined)],
      environment,
    );
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

const fileWith = (content: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'secret');
  writeFileSync(file, content);
  return file;
};

describe('readConfig', () => {
  it('gives the defaults as values, not as text', () => {
    expect(readConfig(schema, [], {})).toEqual({ PORT: 8080, DEMO: true, ORIGINS: [], GRACE: 10_000 });
  });

  it('reads what is set and treats an empty variable as not set', () => {
    const config = readConfig(schema, [], { PORT: '9000', DEMO: 'off', ORIGINS: 'a, b', UPSTREAM: '' });
    expect(config).toEqual({ PORT: 9000, DEMO: false, ORIGINS: ['a', 'b'], GRACE: 10_000 });
  });

  it('takes a secret from a file, without its last line break', () => {
    expect(readConfig(schema, [], { PASSWORD_FILE: fileWith('s3cret\n') }).PASSWORD).toBe('s3cret');
  });

  it('lists every problem at once and what would be right', () => {
    expect(problemsOf({ PORT: '99999', DEMO: 'maybe', UPSTREAM: 'ftp://x' })).toEqual([
      'PORT: expected a whole number from 0 to 65535 (received "99999")',
      'DEMO: expected on or off (received "maybe")',
      'UPSTREAM: expected a URL that begins with http:// or https:// (received "ftp://x")',
    ]);
  });

  it('refuses a secret given twice, an empty and an unreadable file', () => {
    expect(problemsOf({ PASSWORD: 'a', PASSWORD_FILE: fileWith('b') })).toEqual([
      'PASSWORD and PASSWORD_FILE are both set; keep one of them',
    ]);
    expect(problemsOf({ PASSWORD_FILE: fileWith('') })[0]).toMatch(/empty file/);
    expect(problemsOf({ PASSWORD_FILE: '/nowhere/at/all' })[0]).toMatch(/cannot be read/);
  });

  it('names both sides of a contradiction', () => {
    expect(problemsOf({ UPSTREAM: 'http://x' })).toEqual(['DEMO and UPSTREAM exclude each other']);
  });

  it('describes each option for the reference page', () => {
    expect(
      describeOptions(schema).map(({ name, required, secret, defaultText }) => [
        name,
        required,
        secret,
        defaultText,
      ]),
    ).toEqual([
      ['PORT', false, false, '8080'],
      ['DEMO', false, false, 'on'],
      ['ORIGINS', false, false, ''],
      ['GRACE', false, false, '10'],
      ['UPSTREAM', false, false, undefined],
      ['PASSWORD', false, true, undefined],
    ]);
  });
});
