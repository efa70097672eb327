import fc from 'fast-check';
import { capabilityChanges } from './capability-changes.js';
import type { Capability, CapabilityParameter } from './capability.js';

/** `amount: decimal, note?: string` */
const parameters = (text: string): CapabilityParameter[] =>
  text === ''
    ? []
    : text.split(', ').map((each) => {
        const [name = '', type = ''] = each.split(': ');
        return { name: name.replace('?', ''), type, required: !name.endsWith('?') };
      });
/** `pay(amount: decimal): Receipt` */
const capability = (capabilityId: string, ...methods: string[]): Capability => ({
  capabilityId,
  name: capabilityId,
  version: '1.0',
  methods: methods.map((text) => {
    const [, name = '', inner = '', returnType = ''] = /^(\w+)\((.*)\): (\w+)$/.exec(text) ?? [];
    return { name, returnType, parameters: parameters(inner) };
  }),
});
const one = (...methods: string[]) => [capability('IPay', ...methods)];
const told = (before: Capability[], after: Capability[]) =>
  capabilityChanges(before, after).map(
    ({ breaking, message }) => `${breaking ? 'breaking' : 'compatible'}: ${message}`,
  );

describe('capabilityChanges', () => {
  it.each<[string, Capability[], Capability[], string[]]>([
    ['nothing', one('pay(a: int): R'), one('pay(a: int): R'), []],
    ['nothing, from nothing', [], [], []],
    [
      'another name and version of the capability',
      one(),
      [{ ...capability('IPay'), name: 'Pay', version: '2' }],
      [],
    ],
    ['methods in another order', one('a(): R', 'b(): R'), one('b(): R', 'a(): R'), []],
    [
      'a capability less',
      [...one(), capability('IShip')],
      one(),
      ['breaking: The capability IShip was removed.'],
    ],
    [
      'a capability more',
      one(),
      [...one(), capability('IShip')],
      ['compatible: The capability IShip was added.'],
    ],
    [
      'a method less',
      one('pay(): R', 'refund(): R'),
      one('pay(): R'),
      ['breaking: IPay.refund was removed.'],
    ],
    ['a method more', one(), one('pay(a: int): R'), ['compatible: IPay.pay was added.']],
    [
      'another return type',
      one('pay(): R'),
      one('pay(): S'),
      ['breaking: IPay.pay returned R and now returns S.'],
    ],
    [
      'a parameter less',
      one('pay(a: int, b: text): R'),
      one('pay(a: int): R'),
      ['breaking: IPay.pay: the parameter b was removed.'],
    ],
    [
      'the first parameter less',
      one('pay(a: int, b: text): R'),
      one('pay(b: text): R'),
      ['breaking: IPay.pay: the parameter a was removed.'],
    ],
    [
      'an optional parameter less',
      one('pay(a?: int): R'),
      one('pay(): R'),
      ['breaking: IPay.pay: the parameter a was removed.'],
    ],
    [
      'another name',
      one('pay(a: int): R'),
      one('pay(b: int): R'),
      ['breaking: IPay.pay: the parameter a is now called b.'],
    ],
    [
      'another name, and optional now',
      one('pay(a: int): R'),
      one('pay(b?: int): R'),
      [
        'breaking: IPay.pay: the parameter a is now called b.',
        'compatible: IPay.pay: the parameter a became optional.',
      ],
    ],
    [
      'another name and type: another parameter',
      one('pay(a: int): R'),
      one('pay(b: text): R'),
      [
        'breaking: IPay.pay: the parameter a was removed.',
        'breaking: IPay.pay: the required parameter b was added.',
      ],
    ],
    [
      'another type',
      one('pay(a: int): R'),
      one('pay(a: text): R'),
      ['breaking: IPay.pay: the parameter a was int and is now text.'],
    ],
    [
      'two of one type change places',
      one('pay(a: int, b: int): R'),
      one('pay(b: int, a: int): R'),
      [
        'breaking: IPay.pay: the parameter a moved from place 1 to 2.',
        'breaking: IPay.pay: the parameter b moved from place 2 to 1.',
      ],
    ],
    [
      'two of different types change places',
      one('pay(a: int, b: text): R'),
      one('pay(b: text, a: int): R'),
      [
        'breaking: IPay.pay: the parameter a moved from place 1 to 2.',
        'breaking: IPay.pay: the parameter b moved from place 2 to 1.',
      ],
    ],
    [
      'a required parameter more',
      one('pay(): R'),
      one('pay(a: int): R'),
      ['breaking: IPay.pay: the required parameter a was added.'],
    ],
    [
      'an optional parameter more, at the end',
      one('pay(a: int): R'),
      one('pay(a: int, b?: int): R'),
      ['compatible: IPay.pay: the optional parameter b was added.'],
    ],
    [
      'an optional parameter more, before others',
      one('pay(a: int): R'),
      one('pay(b?: int, a: int): R'),
      [
        'breaking: IPay.pay: the parameter a moved from place 1 to 2.',
        'compatible: IPay.pay: the optional parameter b was added.',
      ],
    ],
    [
      'optional became required',
      one('pay(a?: int): R'),
      one('pay(a: int): R'),
      ['breaking: IPay.pay: the parameter a became required.'],
    ],
    [
      'required became optional',
      one('pay(a: int): R'),
      one('pay(a?: int): R'),
      ['compatible: IPay.pay: the parameter a became optional.'],
    ],
    [
      'all at once',
      [...one('pay(a: int, c?: int): R', 'gone(): R'), capability('IOld')],
      [capability('INew'), ...one('pay(a?: text, c: int): S', 'new(): R')],
      [
        'breaking: IPay.pay returned R and now returns S.',
        'breaking: IPay.pay: the parameter a was int and is now text.',
        'compatible: IPay.pay: the parameter a became optional.',
        'breaking: IPay.pay: the parameter c became required.',
        'breaking: IPay.gone was removed.',
        'compatible: IPay.new was added.',
        'breaking: The capability IOld was removed.',
        'compatible: The capability INew was added.',
      ],
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  it('says where, for those that do not read sentences', () => {
    expect(capabilityChanges(one('pay(a: int): R'), one('pay(a: text): R'))).toEqual([
      {
        kind: 'parameter-type-changed',
        breaking: true,
        capabilityId: 'IPay',
        method: 'pay',
        parameter: 'a',
        message: 'IPay.pay: the parameter a was int and is now text.',
      },
    ]);
  });

  const parameter = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    type: fc.constantFrom('int', 'text'),
    required: fc.boolean(),
  });
  const list = fc.uniqueArray(parameter, { selector: ({ name }) => name, maxLength: 4 });
  const withParameters = (given: CapabilityParameter[]): Capability[] => [
    { ...capability('IPay'), methods: [{ name: 'pay', returnType: 'R', parameters: given }] },
  ];

  /** By place and by name: what callers of before pass has the place, the name and the type that it had. */
  const stillWorks = (before: CapabilityParameter[], after: CapabilityParameter[]) =>
    before.every((was, at) => {
      const is = after[at];
      return is?.name === was.name && is.type === was.type && (was.required || !is.required);
    }) && after.slice(before.length).every(({ required }) => !required);

  it('is breaking exactly when somebody who calls it as before may fail', () => {
    fc.assert(
      fc.property(list, list, (before, after) => {
        const breaking = capabilityChanges(withParameters(before), withParameters(after)).some(
          (each) => each.breaking,
        );
        expect(breaking).toBe(!stillWorks(before, after));
      }),
      { numRuns: 3000 },
    );
  });
});
