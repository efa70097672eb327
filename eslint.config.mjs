import { readFileSync } from 'node:fs';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import platformCallers from './scripts/eslint-rules/platform-callers.mjs';
import storeTakesTransaction from './scripts/eslint-rules/store-takes-transaction.mjs';

const callersFile = 'libs/database/platform-callers.json';
const callers = JSON.parse(readFileSync(new URL(callersFile, import.meta.url), 'utf8'));

const tests = ['**/*.test.ts', '**/contract/**/*.ts', 'test/**/*.ts', 'libs/testing/**/*.ts'];
const mayUseConsole = ['apps/platform/**/*.ts', 'apps/cli/**/*.ts'];

const moduleBoundaries = (ignoredCircularDependencies = []) => [
  'error',
  {
    ignoredCircularDependencies,
    depConstraints: [
      { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
      { allSourceTags: ['type:app', '/^scope:(?!platform$)/'], onlyDependOnLibsWithTags: ['type:lib'] },
      { allSourceTags: ['type:app', 'scope:platform'], onlyDependOnLibsWithTags: ['type:lib', 'type:app'] },
    ],
  },
];

const deepImport = 'Import what the package offers, `@switchyard/<lib>`; the files inside are its own.';
const readsEnvironment = 'Take it as an option that libs/config reads at the start.';

const imports = (...paths) => [
  'error',
  { paths, patterns: [{ group: ['@switchyard/*/**'], message: deepImport }] },
];
const environmentModules = ['process', 'node:process'].map((name) => ({
  name,
  importNames: ['env'],
  message: readsEnvironment,
}));
const testingLibrary = { name: '@switchyard/testing', message: 'It is for tests only.' };

const syntax = (...extra) => [
  'error',
  {
    selector: 'ImportExpression > Literal[value=/^@switchyard\\u002F[^\\u002F]+\\u002F/]',
    message: deepImport,
  },
  {
    selector: 'Identifier[name="forwardRef"]',
    message: 'Publish an event or extract a port instead: a module that needs forwardRef is part of a cycle.',
  },
  ...extra,
];
const environmentOfGlobalThis = {
  selector: 'MemberExpression[property.name="env"] > MemberExpression.object[property.name="process"]',
  message: readsEnvironment,
};

/** A test reads answers of any shape, and its expectation is the check. */
const untypedAnswers = Object.fromEntries(
  [
    'no-unsafe-argument',
    'no-unsafe-assignment',
    'no-unsafe-call',
    'no-unsafe-member-access',
    'no-unsafe-return',
    'no-non-null-assertion',
    'no-misused-spread',
    'restrict-template-expressions',
  ].map((rule) => [`@typescript-eslint/${rule}`, 'off']),
);

export default defineConfig(
  { ignores: ['**/node_modules/', '**/dist/', 'coverage/', '.nx/', '.switchyard/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: {
      '@nx': nx,
      switchyard: {
        rules: { 'platform-callers': platformCallers, 'store-takes-transaction': storeTakesTransaction },
      },
    },
    rules: {
      '@nx/enforce-module-boundaries': moduleBoundaries(),
      'switchyard/platform-callers': ['error', { file: callersFile, callers }],
      'no-restricted-imports': imports(testingLibrary, ...environmentModules),
      'no-restricted-syntax': syntax(environmentOfGlobalThis),
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: readsEnvironment },
      ],
      'no-console': 'error',
      'no-control-regex': 'off', // what refuses control characters has to name them
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Believes that what was checked before an `await` still holds after it.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }], // counting code points is meant
      // An implementation of a port answers a promise whether it waits for something or not.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // `return done()` is how a hook ends.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A Nest module is a class without a body.
      '@typescript-eslint/no-extraneous-class': 'off',
      // Options objects whose library declares them as a class.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  { files: ['**/*.store.ts'], rules: { 'switchyard/store-takes-transaction': 'error' } },
  { files: ['libs/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: mayUseConsole, rules: { 'no-console': 'off' } },
  {
    files: tests,
    rules: {
      '@nx/enforce-module-boundaries': moduleBoundaries([['*', '@switchyard/testing']]),
      'switchyard/platform-callers': 'off',
      'no-restricted-imports': imports(),
      'no-restricted-syntax': syntax(),
      'no-restricted-properties': 'off',
      'no-console': 'off',
      ...untypedAnswers,
    },
  },
);
