import { publisherIdOf } from './publisher-id.js';

describe('the id of a publisher whose name alone is known', () => {
  it.each([
    ['Acme Corp', 'acme-corp'],
    ['  Brand New Inc. ', 'brand-new-inc'],
    ['Señor & Söhne', 'senor-sohne'],
    [`${'!'.repeat(80)}long`, 'long'],
    [`${'x'.repeat(62)} y`, 'x'.repeat(62)],
  ])('of %j is %s', (name, id) => {
    expect(publisherIdOf(name)).toBe(id);
  });

  it.each(['', 'AB', '株式会社', 'API', 'Status', '!!!'])('cannot be made of %j', (name) => {
    expect(publisherIdOf(name)).toBeUndefined();
  });
});
