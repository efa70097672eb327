import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

interface Case {
  says: string;
  file: string;
  code: string;
  /** Every rule that it breaks. */
  breaks: readonly string[];
  /** Instead of libs/database/platform-callers.json. */
  callers?: Record<string, string[]>;
}

interface Broken {
  rule: string | null;
  message: string;
}

async function lint(texts: readonly Case[]): Promise<Broken[][]> {
  const child = spawn(process.execPath, ['test/workspace/lint-texts.mjs']);
  child.stdin.end(JSON.stringify(texts));
  const [answer, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (answer === '') throw new Error(complaint);
  return JSON.parse(answer) as Broken[][];
}

const app = 'apps/gateway/src/virtual.ts';
const otherApp = 'apps/health/src/virtual.ts';
const platform = 'apps/platform/src/virtual.ts';
const lib = 'libs/config/src/virtual.ts';
const otherLib = 'libs/errors/src/virtual.ts';
/** There, so that it has types. */
const typed = 'libs/errors/src/index.ts';
const store = 'apps/tenants/src/virtual.store.ts';
const caller = 'apps/tenants/src/virtual.ts';

const boundaries = '@nx/enforce-module-boundaries';
const platformCallers = 'switchyard/platform-callers';
const takesTransaction = 'switchyard/store-takes-transaction';

const exportOf = (from: string) => `export * from '${from}';`;
const importLater = (from: string) => `export const later = () => import('${from}');`;
const deep = '@switchyard/errors/dist/app-error.js';

const imports: Case[] = [
  { says: 'an app may import a lib', file: app, code: exportOf('@switchyard/errors'), breaks: [] },
  {
    says: 'platform may import an app',
    file: platform,
    code: exportOf('@switchyard/app-gateway'),
    breaks: [],
  },
  {
    says: 'an app may not import an app',
    file: app,
    code: exportOf('@switchyard/app-health'),
    breaks: [boundaries],
  },
  { says: 'nor platform', file: app, code: exportOf('@switchyard/app-platform'), breaks: [boundaries] },
  {
    says: 'nor a type',
    file: app,
    code: "export type * from '@switchyard/app-health';",
    breaks: [boundaries],
  },
  {
    says: 'nor an app later',
    file: otherApp,
    code: importLater('@switchyard/app-gateway'),
    breaks: [boundaries],
  },
  {
    says: 'a lib may not import an app',
    file: lib,
    code: exportOf('@switchyard/app-gateway'),
    breaks: [boundaries],
  },
  {
    says: 'nor reach into a lib',
    file: lib,
    code: exportOf('../../errors/src/app-error.js'),
    breaks: [boundaries],
  },
  { says: 'nor by its name', file: lib, code: exportOf(deep), breaks: ['no-restricted-imports'] },
  { says: 'nor into a lib later', file: lib, code: importLater(deep), breaks: ['no-restricted-syntax'] },
  {
    says: 'libs make no cycle and do not use what is for tests',
    file: 'libs/database/src/virtual.ts',
    code: exportOf('@switchyard/testing'),
    breaks: [boundaries, 'no-restricted-imports'],
  },
  {
    says: 'a test may use what is for tests',
    file: 'libs/database/src/virtual.test.ts',
    code: exportOf('@switchyard/testing'),
    breaks: [],
  },
  {
    says: 'an app may not',
    file: app,
    code: exportOf('@switchyard/testing'),
    breaks: ['no-restricted-imports'],
  },
];

const readsX = "export const x = process.env['X'];";

const environment: Case[] = [
  { says: 'the environment is not read', file: app, code: readsX, breaks: ['no-restricted-properties'] },
  {
    says: 'nor taken apart',
    file: app,
    code: 'export const { env } = process;',
    breaks: ['no-restricted-properties'],
  },
  {
    says: 'nor imported',
    file: app,
    code: "export { env } from 'node:process';",
    breaks: ['no-restricted-imports'],
  },
  {
    says: 'nor found elsewhere',
    file: app,
    code: 'export const env = globalThis.process.env;',
    breaks: ['no-restricted-syntax'],
  },
  { says: 'but libs/config reads it', file: lib, code: readsX, breaks: [] },
  { says: 'and a test does', file: 'test/virtual.test.ts', code: readsX, breaks: [] },
];

const language: Case[] = [
  {
    says: 'no forwardRef',
    file: app,
    code: "export { forwardRef } from '@nestjs/common';",
    breaks: ['no-restricted-syntax'],
  },
  { says: 'no console', file: otherLib, code: "console.log('here');", breaks: ['no-console'] },
  { says: 'but in platform', file: platform, code: "console.log('here');", breaks: [] },
  {
    says: 'no any',
    file: lib,
    code: 'export const x: any = 1;',
    breaks: ['@typescript-eslint/no-explicit-any'],
  },
  { says: 'nothing unused', file: lib, code: 'const x = 1;', breaks: ['@typescript-eslint/no-unused-vars'] },
  {
    says: 'types are imported as types',
    file: lib,
    code: "import { AppError } from '@switchyard/errors';\nexport const f = (error: AppError) => error.message;",
    breaks: ['@typescript-eslint/consistent-type-imports'],
  },
  {
    says: 'a promise is not left alone',
    file: typed,
    code: 'const later = () => Promise.resolve(1);\nlater();',
    breaks: ['@typescript-eslint/no-floating-promises'],
  },
  {
    says: 'nor given where nobody waits for it',
    file: typed,
    code: 'const later = () => Promise.resolve();\n[1].forEach(later);',
    breaks: ['@typescript-eslint/no-misused-promises'],
  },
];

const callsFor = (reason: string) => `export const f = (db: Db) => db.withPlatform(${reason}, (tx) => tx);`;

const acrossTenants: Case[] = [
  { says: 'withPlatform is listed', file: caller, code: callsFor("'why'"), breaks: [platformCallers] },
  {
    says: 'for its reason',
    file: caller,
    code: callsFor("'why'"),
    breaks: [platformCallers],
    callers: { [caller]: ['x', 'y'] },
  },
  {
    says: 'and then allowed',
    file: caller,
    code: callsFor("'why'"),
    breaks: [],
    callers: { [caller]: ['why'] },
  },
  {
    says: 'until it is gone',
    file: caller,
    code: 'export {};',
    breaks: [platformCallers],
    callers: { [caller]: ['why'] },
  },
  { says: 'its reason is a literal', file: caller, code: callsFor('db.why'), breaks: [platformCallers] },
  {
    says: 'it is not handed on',
    file: caller,
    code: 'export const f = (db: Db) => db.withPlatform;',
    breaks: [platformCallers],
  },
  {
    says: 'nor taken apart',
    file: caller,
    code: 'export const f = ({ withPlatform }: Db) => withPlatform;',
    breaks: [platformCallers],
  },
  {
    says: 'a test is free to',
    file: 'apps/tenants/src/virtual.test.ts',
    code: callsFor("'why'"),
    breaks: [],
  },
];

const stores: Case[] = [
  {
    says: 'a store function takes the transaction',
    file: store,
    code: 'export async function find(id: string) {\n  return id;\n}',
    breaks: [takesTransaction],
  },
  {
    says: 'so does a method',
    file: store,
    code: 'export class Tenants {\n  find(id: string) {\n    return id;\n  }\n}',
    breaks: [takesTransaction],
  },
  {
    says: 'of that type',
    file: store,
    code: 'export const find = (tx: Db) => tx;',
    breaks: [takesTransaction],
  },
  {
    says: 'what it keeps to itself need not',
    file: store,
    code: `
      import type { Transaction } from '@switchyard/database';
      const toTenant = (row: object) => row;
      export const find = async (tx: Transaction, id: string) => (await tx.query(id)).map(toTenant);
      export class Tenants {
        remove(tx: Transaction, id: string) {
          return this.#counted(tx.run(id));
        }
        #counted(done: Promise<number>) {
          return done;
        }
      }`,
    breaks: [],
  },
];

const cases = [...imports, ...environment, ...language, ...acrossTenants, ...stores];

describe('the rules of the house', () => {
  const broken = new Map<Case, Broken[]>();

  beforeAll(async () => {
    for (const [index, found] of (await lint(cases)).entries()) broken.set(cases[index]!, found);
    // The linter reads the whole workspace's types first.
  }, 120_000);

  it.each(cases)('$says ($file)', (one) => {
    const rules = new Set(broken.get(one)!.map(({ rule }) => rule));
    expect([...rules].sort()).toEqual([...one.breaks].sort());
  });

  it('see a cycle, not only a wrong tag', () => {
    const messages = broken
      .get(imports.find(({ says }) => says.includes('cycle'))!)!
      .map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining('Circular dependency'));
  });
});
