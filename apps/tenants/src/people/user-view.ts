import type { User } from '@switchyard/contracts';
import type { z } from 'zod';
import type { UserRow } from './user.store.js';

export const userView = (row: UserRow): z.output<typeof User> => ({
  userId: row.user_id,
  username: row.username,
  displayName: row.display_name,
  role: row.role,
  tenantId: row.tenant_id,
  publishers: row.publishers,
  status: row.status,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
});
