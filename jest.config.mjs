import { swcOptions } from './scripts/swc-options.mjs';

/** Real ES modules: run through `npm test`, which passes node's --experimental-vm-modules. */
export default {
  testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/test/real/', '<rootDir>/test/chaos/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  moduleNameMapper: {
    '^@switchyard/app-([a-z-]+)$': '<rootDir>/apps/$1/src/index.ts',
    '^@switchyard/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testEnvironment: 'node',
  // By itself jest leaves a core to whoever watches; with two cores that is half of the machine.
  maxWorkers: '100%',
  // Modules of ended suites are not given back; a collection of such a heap takes seconds.
  workerIdleMemoryLimit: '500MB',
  globalSetup: '<rootDir>/test/global-setup.mjs',
  globalTeardown: '<rootDir>/test/global-teardown.mjs',
  // Making a database can take long on a machine that does much else; what waits for a condition has its own patience.
  testTimeout: 90_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['{apps,libs}/*/src/**/*.ts', '!**/*.test.ts'],
};
