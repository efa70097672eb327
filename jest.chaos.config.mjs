import base from './jest.config.mjs';

/** What is struck while it works, on its own: the machine is to be slow for no other reason. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/chaos/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 240_000,
};
