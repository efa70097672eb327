import type { Role } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import { audited, type EdgeCall, type IfMatch, newId, requireMatch } from '@switchyard/service';
import { findTenant } from '../tenants/tenant.store.js';
import { leaveAllPublishers } from '../publishers/publisher.store.js';
import { disableBeyond } from './disable-beyond.js';
import { endSessionsOf, refuseTokensOf, type RevocationTerms } from './revocations.js';
import {
  deleteUser,
  hasOtherAdmin,
  insertUser,
  lockUser,
  saveUser,
  type UserChange,
  type UserRow,
} from './user.store.js';

export interface CreateUserInput {
  username: string;
  passwordHash: string;
  displayName?: string | undefined;
  role: Role;
  tenantId: string | null;
}

export async function createUser(tx: Transaction, call: EdgeCall, input: CreateUserInput): Promise<UserRow> {
  checkPlace(input.role, input.tenantId);
  if (input.tenantId !== null) {
    const tenant = await findTenant(tx, input.tenantId);
    if (!tenant) throw notFound('Tenant', input.tenantId);
    if (tenant.status === 'Deleting')
      throw conflict(`The tenant is Deleting; resume it before you add somebody`);
  }
  const row = await insertUser(tx, {
    user_id: newId('usr'),
    username: input.username,
    display_name: input.displayName ?? null,
    password_hash: input.passwordHash,
    role: input.role,
    tenant_id: input.tenantId,
    demo: false,
  });
  if (!row)
    throw conflict(`The username "${input.username}" is taken`, [
      { field: 'username', message: 'is taken', received: input.username },
    ]);
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'user.created',
    subject: row.username,
    details: { role: row.role },
  });
  return row;
}

function checkPlace(role: Role, tenantId: string | null): void {
  if (role === 'PlatformAdmin' && tenantId !== null) throw misplaced('a PlatformAdmin belongs to no tenant');
  if (role !== 'PlatformAdmin' && role !== 'PluginDeveloper' && tenantId === null)
    throw misplaced(`a ${role} needs a tenant`);
}

const misplaced = (message: string): AppError =>
  new AppError('VALIDATION_ERROR', `The role and the tenant do not fit: ${message}`, {
    details: [{ field: 'tenantId', message }],
  });

export interface UpdateUserInput {
  displayName?: string | undefined;
  role?: Role | undefined;
  passwordHash?: string | undefined;
}

export async function updateUser(
  tx: Transaction,
  call: EdgeCall,
  userId: string,
  input: UpdateUserInput,
  terms: RevocationTerms & { ifMatch: IfMatch },
): Promise<UserRow> {
  const before = await mustLock(tx, userId);
  requireMatch(terms.ifMatch, before.version);
  const role = input.role ?? before.role;
  if (role !== before.role) {
    checkPlace(role, before.tenant_id);
    await keepAnAdmin(tx, call, before);
  }
  const change: UserChange = {
    role,
    ...(input.displayName === undefined ? {} : { display_name: input.displayName }),
    ...(input.passwordHash === undefined ? {} : { password_hash: input.passwordHash }),
  };
  const saved = await saveUser(tx, before, change);
  if (input.passwordHash !== undefined) await endSessionsOf(tx, userId, terms);
  if (input.passwordHash !== undefined || role !== before.role) await refuseTokensOf(tx, userId, terms);
  const row = role === before.role ? saved : await loseRights(tx, call, saved, terms);
  const changed = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name.replace('Hash', ''));
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'user.updated',
    subject: row.username,
    details: { changed },
  });
  return row;
}

export async function setUserStatus(
  tx: Transaction,
  call: EdgeCall,
  userId: string,
  status: UserRow['status'],
  terms: RevocationTerms,
): Promise<UserRow> {
  const before = await mustLock(tx, userId);
  // What the system disabled may be disabled by an administrator too: then the system leaves it so.
  if (before.status === status && !before.disabled_by_system) return before;
  if (status === 'Disabled') {
    await keepAnAdmin(tx, call, before);
    await endSessionsOf(tx, userId, terms);
    await refuseTokensOf(tx, userId, terms);
  }
  const row = await saveUser(tx, before, { status, disabled_by_system: false });
  if (status === 'Disabled') await disableBeyond(tx, row, terms, (entry) => audited(tx, call, entry));
  const action = status === 'Disabled' ? 'user.disabled' : 'user.enabled';
  await audited(tx, call, { tenant: row.tenant_id, action, subject: row.username });
  return row;
}

export async function removeUser(
  tx: Transaction,
  call: EdgeCall,
  userId: string,
  terms: RevocationTerms,
): Promise<void> {
  const before = await mustLock(tx, userId);
  await keepAnAdmin(tx, call, before);
  await endSessionsOf(tx, userId, terms);
  await refuseTokensOf(tx, userId, terms);
  await disableBeyond(tx, { ...before, status: 'Disabled' }, terms, (entry) => audited(tx, call, entry));
  await deleteUser(tx, userId);
  await audited(tx, call, { tenant: before.tenant_id, action: 'user.deleted', subject: before.username });
}

/** What came with the role before: memberships, and the robots and trust rules that somebody of the new role could not have made. */
async function loseRights(
  tx: Transaction,
  call: EdgeCall,
  user: UserRow,
  terms: RevocationTerms,
): Promise<UserRow> {
  const left = user.role === 'PluginDeveloper' ? [] : await leaveAllPublishers(tx, user.user_id);
  for (const subject of left)
    await audited(tx, call, {
      tenant: null,
      action: 'publisher.member-removed',
      subject,
      details: { member: user.username },
    });
  const row = { ...user, publishers: user.publishers.filter((id) => !left.includes(id)) };
  await disableBeyond(tx, row, terms, (entry) => audited(tx, call, entry));
  return row;
}

async function mustLock(tx: Transaction, userId: string): Promise<UserRow> {
  const row = await lockUser(tx, userId);
  if (!row) throw notFound('User', userId);
  // A PluginDeveloper who lives in the tenant works for publishers, which are not the tenant's to decide on.
  if (tx.tenant !== null && row.role === 'PluginDeveloper')
    throw new AppError(
      'FORBIDDEN',
      `"${row.username}" is a PluginDeveloper; only a PlatformAdmin can change them, through /api/v1/users`,
    );
  return row;
}

/** Nobody locks the platform, or a tenant, out for good. A PlatformAdmin can help a tenant that has no admin. */
async function keepAnAdmin(tx: Transaction, call: EdgeCall, user: UserRow): Promise<void> {
  const helped = user.role === 'TenantAdmin' && call.identity?.role === 'PlatformAdmin';
  if (user.status !== 'Active' || helped || (user.role !== 'PlatformAdmin' && user.role !== 'TenantAdmin'))
    return;
  // Two admins who disable each other at once are one after the other here. Each has locked the other's row already,
  // so that locking all of them would be a deadlock.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('switchyard last admin' || $1, 0))`, [
    user.tenant_id ?? '',
  ]);
  if (!(await hasOtherAdmin(tx, user))) throw conflict(`"${user.username}" is the last active ${user.role}`);
}
