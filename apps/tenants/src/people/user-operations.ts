import type { Role } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import { newId, requireMatch, type EdgeCall, type IfMatch } from '@switchyard/service';
import { audited } from '../audit/audited.js';
import { findTenant } from '../tenants/tenant.store.js';
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
  if (input.tenantId !== null && !(await findTenant(tx, input.tenantId)))
    throw notFound('Tenant', input.tenantId);
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
    await keepAnAdmin(tx, before);
  }
  const change: UserChange = {
    role,
    ...(input.displayName === undefined ? {} : { display_name: input.displayName }),
    ...(input.passwordHash === undefined ? {} : { password_hash: input.passwordHash }),
  };
  const row = await saveUser(tx, before, change);
  if (input.passwordHash !== undefined) await endSessionsOf(tx, userId);
  if (input.passwordHash !== undefined || role !== before.role) await refuseTokensOf(tx, userId, terms);
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
  if (before.status === status) return before;
  if (status === 'Disabled') {
    await keepAnAdmin(tx, before);
    await endSessionsOf(tx, userId);
    await refuseTokensOf(tx, userId, terms);
  }
  const row = await saveUser(tx, before, { status });
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
  await keepAnAdmin(tx, before);
  await refuseTokensOf(tx, userId, terms);
  await deleteUser(tx, userId);
  await audited(tx, call, { tenant: before.tenant_id, action: 'user.deleted', subject: before.username });
}

async function mustLock(tx: Transaction, userId: string): Promise<UserRow> {
  const row = await lockUser(tx, userId);
  if (!row) throw notFound('User', userId);
  return row;
}

/** Nobody locks the platform, or a tenant, out for good. */
async function keepAnAdmin(tx: Transaction, user: UserRow): Promise<void> {
  if (user.status !== 'Active' || user.role !== 'PlatformAdmin') return;
  // Two admins who disable each other at once are one after the other here. Each has locked the other's row already,
  // so that locking all of them would be a deadlock.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('switchyard last admin', 0))`);
  if (!(await hasOtherAdmin(tx, user))) throw conflict(`"${user.username}" is the last active PlatformAdmin`);
}
