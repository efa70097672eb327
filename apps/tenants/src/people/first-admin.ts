import { recordAudit } from '@switchyard/audit';
import type { ServiceDatabase } from '@switchyard/database';
import { newId } from '@switchyard/service';
import type { TenantsOptions } from '../tenants-options.js';
import type { Passwords } from './passwords.js';
import { disableBeyond } from './disable-beyond.js';
import { endSessionsOf, refuseTokensOf } from './revocations.js';
import { findUserByName, hasPlatformAdmin, insertUser, saveUser, type UserRow } from './user.store.js';

/**
 * Makes the configured first admin if nobody has the name; the demo account only while there is no other PlatformAdmin.
 * It works only while the platform says that it may exist: a start without it disables it, a start with it brings it
 * back, unless it was an administrator who disabled it.
 */
export async function ensureFirstAdmin(
  database: ServiceDatabase,
  passwords: Passwords,
  options: TenantsOptions,
): Promise<void> {
  const wanted = options.firstAdmin;
  const terms = { clock: options.clock, accessTokenSeconds: options.accessTokenSeconds };
  await database.withPlatform('first admin', async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('switchyard first admin', 0))`);
    const demos = await tx.query<UserRow>(
      `SELECT u.*, '{}'::text[] AS publishers FROM tenants.users u WHERE demo AND status = 'Active'`,
    );
    for (const demo of wanted?.demo ? [] : demos) {
      const row = await saveUser(tx, demo, { status: 'Disabled', disabled_by_system: true });
      await endSessionsOf(tx, demo.user_id, terms);
      await refuseTokensOf(tx, demo.user_id, terms);
      await disableBeyond(tx, row, terms, (entry) => recordAudit(tx, { ...byTheSystem, ...entry }));
      await recordAudit(tx, {
        ...byTheSystem,
        action: 'user.disabled',
        subject: demo.username,
        details: { reason: 'demo account' },
      });
    }
    if (!wanted) return;
    const username = wanted.username.normalize('NFKC').toLowerCase();
    const known = await findUserByName(tx, username);
    if (known?.demo && wanted.demo && known.disabled_by_system) {
      await saveUser(tx, known, { status: 'Active', disabled_by_system: false });
      await recordAudit(tx, {
        ...byTheSystem,
        action: 'user.enabled',
        subject: username,
        details: { reason: 'demo account' },
      });
    }
    // An administrator can delete it only while there is another, and the last one always stays.
    if (known || (wanted.demo && (await hasPlatformAdmin(tx)))) return;
    await insertUser(tx, {
      user_id: newId('usr'),
      username,
      display_name: null,
      password_hash: await passwords.hash(wanted.password, username),
      role: 'PlatformAdmin',
      tenant_id: null,
      demo: wanted.demo,
    });
    await recordAudit(tx, {
      ...byTheSystem,
      action: 'user.created',
      subject: username,
      details: { role: 'PlatformAdmin', first: true },
    });
  });
}

const byTheSystem = { tenant: null, outcome: 'Success', actor: 'switchyard', actorKind: 'system' } as const;
