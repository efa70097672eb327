// `npm run database:roles`: what an administrator runs where Switchyard's own database user may not create roles.
import { readFileSync } from 'node:fs';
import { ownerRole, quoteIdentifier, roleStatements } from '@switchyard/database';

const { DATABASE_ROLE_SECRET, DATABASE_ROLE_SECRET_FILE, DATABASE_URL } = process.env;
const url = DATABASE_URL ? new URL(DATABASE_URL) : undefined;
const secret =
  DATABASE_ROLE_SECRET ||
  (DATABASE_ROLE_SECRET_FILE && readFileSync(DATABASE_ROLE_SECRET_FILE, 'utf8').replace(/\r?\n$/, '')) ||
  (url && decodeURIComponent(url.password));
if (!secret) {
  console.error(
    'set DATABASE_ROLE_SECRET (or DATABASE_ROLE_SECRET_FILE) to what the platform will have: the passwords are derived from it',
  );
  process.exit(1);
}
const migrator = url && decodeURIComponent(url.username);
const grants = migrator
  ? [`GRANT ${ownerRole} TO ${quoteIdentifier(migrator)}`]
  : [`-- and to the user that DATABASE_URL signs in as:\n-- GRANT ${ownerRole} TO "that user"`];
console.log([...roleStatements(secret, new Set()), ...grants].map((statement) => `${statement};`).join('\n'));
