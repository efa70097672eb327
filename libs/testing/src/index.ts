export { eventually } from './eventually.js';
export { createTestDatabase, roleSecret, type DatabaseTemplate, type TestDatabase } from './test-database.js';
