// Brings a database up to date as the platform would, without the platform: what the databases of suites are copied from.
import { migrate } from '@switchyard/database';
import { schemas } from '../../apps/platform/dist/schemas.js';

const { DATABASE_URL: url, DATABASE_ROLE_SECRET: roleSecret } = process.env;
await migrate({ url, roleSecret, schemas });
