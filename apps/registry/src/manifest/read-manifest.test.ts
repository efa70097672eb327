import { AppError } from '@switchyard/errors';
import { readManifest, type ManifestQuestion } from './read-manifest.js';

const file = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const read = (question: Partial<ManifestQuestion> & { switchyard?: unknown; npm?: unknown }) =>
  readManifest({
    version: '1.0.0',
    runtimeType: 'NodeJs',
    given: null,
    files: new Map([
      ...(question.switchyard === undefined ? [] : [['switchyard.json', file(question.switchyard)] as const]),
      ...(question.npm === undefined ? [] : [['package.json', file(question.npm)] as const]),
    ]),
    ...question,
  });
const refusal = (question: Parameters<typeof read>[0]): AppError => {
  try {
    read(question);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('it was accepted');
};

describe('the manifest of a version', () => {
  it('is there when somebody says something, and not otherwise', () => {
    expect(read({})).toBeNull();
    expect(read({ given: { author: 'Ada' } })).toEqual({ author: 'Ada' });
    expect(read({ switchyard: { author: 'Ada' } })).toEqual({ author: 'Ada' });
  });

  it('is read from package.json too, for Node and in the words of a manifest', () => {
    const npm = {
      name: '@acme/stripe',
      version: '1.0.0',
      author: { name: 'Ada', email: 'ada@acme.com' },
      license: 'MIT',
      homepage: 'https://acme.com',
      main: './dist/index.js',
      engines: { node: '>=20', npm: '>=10' },
      dependencies: { ajv: '^8.0.0' },
      scripts: { postinstall: 'rm -rf /' },
    };
    const expected = {
      author: 'Ada',
      license: 'MIT',
      homepage: 'https://acme.com',
      entryPoint: 'dist/index.js',
      engines: { node: '>=20' },
      packages: { ajv: '^8.0.0' },
    };
    expect(read({ npm })).toEqual(expected);
    expect(read({ npm, runtimeType: 'Node' })).toEqual(expected);
    expect(read({ npm, runtimeType: 'DotNet8' })).toBeNull();
  });

  it('is put together of sources that agree or say different things of different things', () => {
    expect(
      read({
        given: { author: 'Ada' },
        switchyard: { author: 'Ada', license: 'MIT' },
        npm: { main: 'a.js' },
      }),
    ).toEqual({ author: 'Ada', license: 'MIT', entryPoint: 'a.js' });
  });

  it.each([
    [
      'the registration and switchyard.json',
      { given: { license: 'MIT' }, switchyard: { license: 'ISC' } },
      'manifest.license',
    ],
    [
      'switchyard.json and package.json',
      { switchyard: { entryPoint: 'a.js' }, npm: { main: 'b.js' } },
      'manifest.entryPoint',
    ],
    ['package.json and the version', { npm: { version: '1.0.1' } }, 'package.json.version'],
  ])('is refused when %s contradict each other', (_who, question, field) => {
    expect(refusal(question)).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field }] });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['unknown fields', { surprise: 1 }],
    ['a permission that is none', { permissions: ['everything'] }],
    ['an entry point outside', { entryPoint: '../../etc/passwd' }],
    ['an absolute entry point', { entryPoint: '/etc/passwd' }],
  ])('is refused when switchyard.json holds %s', (_what, switchyard) => {
    expect(refusal({ switchyard })).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('is refused when it is no text', () => {
    const files = new Map([['switchyard.json', Buffer.from([0xff, 0xfe, 0x7b])]]);
    expect(() => read({ files })).toThrow(AppError);
  });

  it('takes the reversed permissions of older plugins the right way round', () => {
    expect(read({ switchyard: { permissions: ['database:read', 'read:files', 'http:external'] } })).toEqual({
      permissions: ['database:read', 'files:read', 'http:external'],
    });
  });
});
