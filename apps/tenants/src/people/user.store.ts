import type { Role } from '@switchyard/contracts';
import { containing, listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

export interface UserRow {
  user_id: string;
  username: string;
  display_name: string | null;
  password_hash: string;
  role: Role;
  tenant_id: string | null;
  status: 'Active' | 'Disabled';
  demo: boolean;
  /** Not by an administrator: only such a one does the system enable again. */
  disabled_by_system: boolean;
  /** Rises whenever the tokens that were issued so far stop to count. */
  token_generation: number;
  version: number;
  created_at: Date;
  updated_at: Date;
  last_sign_in_at: Date | null;
  publishers: string[];
}

export type NewUser = Pick<
  UserRow,
  'user_id' | 'username' | 'display_name' | 'password_hash' | 'role' | 'tenant_id' | 'demo'
>;

const publishers = `ARRAY(SELECT m.publisher_id FROM tenants.publisher_members m WHERE m.user_id = u.user_id ORDER BY 1) AS publishers`;

/** Undefined when the name is taken. */
export const insertUser = (tx: Transaction, user: NewUser): Promise<UserRow | undefined> =>
  tx.one<UserRow>(
    `INSERT INTO tenants.users (user_id, username, display_name, password_hash, role, tenant_id, demo)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (username) DO NOTHING RETURNING *, '{}'::text[] AS publishers`,
    [
      user.user_id,
      user.username,
      user.display_name,
      user.password_hash,
      user.role,
      user.tenant_id,
      user.demo,
    ],
  );

export const findUser = (tx: Transaction, userId: string): Promise<UserRow | undefined> =>
  tx.one<UserRow>(`SELECT u.*, ${publishers} FROM tenants.users u WHERE user_id = $1`, [userId]);

export const lockUser = (tx: Transaction, userId: string): Promise<UserRow | undefined> =>
  tx.one<UserRow>(`SELECT u.*, ${publishers} FROM tenants.users u WHERE user_id = $1 FOR UPDATE`, [userId]);

export const findUserByName = (tx: Transaction, username: string): Promise<UserRow | undefined> =>
  tx.one<UserRow>(`SELECT u.*, ${publishers} FROM tenants.users u WHERE username = $1`, [username]);

export interface UserFilter {
  role?: Role | undefined;
  status?: 'Active' | 'Disabled' | undefined;
  search?: string | undefined;
}

export function listUserRows(tx: Transaction, filter: UserFilter, page: Page): Promise<PageOf<UserRow>> {
  const where = [
    // Row-level security asks for it too; said here, it uses the index.
    ...(tx.tenant === null ? [] : [{ sql: 'tenant_id = ?', values: [tx.tenant] }]),
    ...(filter.role ? [{ sql: 'role = ?', values: [filter.role] }] : []),
    ...(filter.status ? [{ sql: 'status = ?', values: [filter.status] }] : []),
    ...(filter.search
      ? [
          {
            sql: '(username ILIKE ? OR display_name ILIKE ?)',
            values: [containing(filter.search), containing(filter.search)],
          },
        ]
      : []),
  ];
  return listPage<UserRow>(
    tx,
    { columns: `u.*, ${publishers}`, from: 'tenants.users u', where, createdAt: 'created_at', id: 'user_id' },
    page,
  );
}

export type UserChange = Partial<
  Pick<UserRow, 'display_name' | 'password_hash' | 'role' | 'status' | 'disabled_by_system'>
>;

export async function saveUser(tx: Transaction, before: UserRow, change: UserChange): Promise<UserRow> {
  const after = { ...before, ...change };
  const row = await tx.one<Omit<UserRow, 'publishers'>>(
    `UPDATE tenants.users SET display_name = $2, password_hash = $3, role = $4, status = $5, disabled_by_system = $6, version = version + 1, updated_at = now()
     WHERE user_id = $1 RETURNING *`,
    [
      before.user_id,
      after.display_name,
      after.password_hash,
      after.role,
      after.status,
      after.disabled_by_system,
    ],
  );
  if (!row) throw new Error(`user ${before.user_id} vanished while it was locked`);
  return { ...row, publishers: before.publishers };
}

export const deleteUser = (tx: Transaction, userId: string): Promise<number> =>
  tx.run('DELETE FROM tenants.users WHERE user_id = $1', [userId]);

export async function hasPlatformAdmin(tx: Transaction): Promise<boolean> {
  return (await tx.one(`SELECT 1 FROM tenants.users WHERE role = 'PlatformAdmin' LIMIT 1`)) !== undefined;
}

/** Whether somebody else could still administrate the platform, or the tenant. */
export async function hasOtherAdmin(tx: Transaction, user: UserRow): Promise<boolean> {
  const row = await tx.one<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM tenants.users WHERE role = $1 AND tenant_id IS NOT DISTINCT FROM $2 AND status = 'Active' AND user_id <> $3) AS found`,
    [user.role, user.tenant_id, user.user_id],
  );
  return row?.found ?? false;
}
