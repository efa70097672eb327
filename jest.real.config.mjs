import base from './jest.config.mjs';

/** The suites that need the real parts (Kafka, S3, Kubernetes), one at a time: they take the parts away from each other. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/real/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 120_000,
  maxWorkers: 1,
  // kafkajs holds the socket of a broker that was killed under it until its own timeouts end.
  forceExit: true,
};
