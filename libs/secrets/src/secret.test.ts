import { format, inspect } from 'node:util';
import { Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it('gives its value only when asked', () => expect(secret.reveal()).toBe('hunter2'));

  it.each([
    ['text', () => `${secret}`],
    ['concatenation', () => 'x' + String(secret)],
    ['JSON', () => JSON.stringify({ nested: [secret] })],
    ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['inspect without its hook', () => inspect(secret, { customInspect: false, showHidden: true, depth: 9 })],
    ['format', () => format('%s %o %j', secret, secret, secret)],
    ['a spread', () => JSON.stringify({ ...secret })],
    ['a structured clone', () => inspect(structuredClone({ ...secret }))],
  ])('hides it from %s', (_where, print) => expect(print()).not.toContain('hunter2'));

  it('shows three stars', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(['***', '"***"', '***']);
  });
});
