import pg from 'pg';

export default async function tearDown() {
  if (globalThis.stopTestPostgres) await globalThis.stopTestPostgres();
  else await dropTemplates();
}

/** On somebody's own server nothing of the run stays. */
async function dropTemplates() {
  const client = new pg.Client({ connectionString: process.env.SWITCHYARD_TEST_DATABASE_URL });
  await client.connect();
  const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
    `template_${process.env.SWITCHYARD_TEST_RUN}_`,
  ]);
  for (const { datname } of rows) await client.query(`DROP DATABASE ${datname}`);
  await client.end();
}
