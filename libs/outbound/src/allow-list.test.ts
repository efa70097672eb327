import { AllowList } from './allow-list.js';
import { parseAddress } from './is-public-address.js';

describe('what an operator allows', () => {
  const allow = new AllowList([
    '10.1.0.0/16',
    'fd00::/8',
    'Registry.Internal',
    'npm.internal:4873',
    '[::1]:8080',
    '127.0.0.1:80',
  ]);

  it.each([
    ['registry.internal', 443, true],
    ['registry.internal', 8443, true],
    ['other.internal', 443, false],
    ['sub.registry.internal', 443, false],
    ['npm.internal', 4873, true],
    ['npm.internal', 443, false],
    ['[::1]', 8080, true],
    ['[::1]', 8081, false],
    ['127.0.0.1', 80, true],
    ['127.0.0.1', 443, false],
    ['10.1.2.3', 9999, true],
    ['10.2.2.3', 9999, false],
    ['[fd12::1]', 1, true],
  ])('%s at port %s: %s', (hostname, port, expected) =>
    expect(allow.hasHost({ hostname, port })).toBe(expected),
  );

  it.each([
    ['10.1.255.255', true],
    ['10.2.0.0', false],
    ['::ffff:10.1.0.1', true],
    ['fd00::1', true],
    ['fc00::1', false],
  ])('the address %s: %s', (text, expected) => expect(allow.hasAddress(parseAddress(text)!)).toBe(expected));

  it.each([
    '',
    '10.0.0.0/33',
    '10.0/8',
    '0x0a.0.0.0/8',
    'a b',
    'https://x',
    'x/y',
    'user@host',
    'host:99999',
    'x?y',
    '::1',
    'fe80::%1/64',
  ])('is told at the start when it cannot be read: %j', (entry) =>
    expect(() => new AllowList([entry])).toThrow(/^allow: /),
  );
});
