import { z } from 'zod';
import { roles, tenantRoles } from '../roles.js';
import { dnsLabel, line, pageAnswer, pageQuery, timestamp } from './common.js';

/** Normalised first: what is checked is what is kept. */
const accountName = z
  .string()
  .normalize('NFKC')
  .toLowerCase()
  .min(3)
  .max(254)
  .regex(/^[^\s\u0000-\u001f\u007f-\u009f]+$/, 'must not contain spaces or control characters')
  .refine((value) => value.isWellFormed(), { message: 'must be well-formed text' })
  // No part of the pattern: clients check that with engines that do not know Unicode's categories.
  .refine((value) => !/[\p{Cf}\p{Cc}]/u.test(value), {
    message: 'must not contain characters that cannot be seen',
  });

/** Whom the audit log names when it was no person. */
const isReserved = (name: string): boolean =>
  name === 'switchyard' || name === 'anonymous' || /^(robot|ci):/.test(name);

export const username = accountName.refine((name) => !isReserved(name), { message: 'is reserved' });

/** Length is all that is checked here; what makes a password too weak is said by the service. */
const password = z.string().min(1).max(256);

export const SignIn = z.strictObject({ username: accountName, password });
export const Refresh = z.strictObject({ refreshToken: z.string().min(1).max(512) });
export const ChangePassword = z.strictObject({ currentPassword: password, newPassword: password });

export const SignedIn = z.object({
  token: z.string(),
  expiresAt: timestamp,
  refreshToken: z.string(),
  refreshExpiresAt: timestamp,
  user: z.object({ username: z.string(), role: z.enum(roles), tenantId: z.string().nullable() }),
});

export const Me = z.object({
  id: z.string(),
  kind: z.enum(['user', 'robot']),
  username: z.string(),
  role: z.enum(roles),
  tenantId: z.string().nullable(),
  publishers: z.array(z.string()),
  expiresAt: timestamp,
});

const personFields = { username, password, displayName: line(120).optional() };

export const CreateUser = z.strictObject({
  ...personFields,
  role: z.enum(roles),
  tenantId: dnsLabel('TenantId').optional(),
});
export const CreateTenantUser = z.strictObject({ ...personFields, role: z.enum(tenantRoles) });

export const UpdateUser = z.strictObject({
  displayName: line(120).optional(),
  role: z.enum(roles).optional(),
  password: password.optional(),
});
export const UpdateTenantUser = z.strictObject({
  displayName: line(120).optional(),
  role: z.enum(tenantRoles).optional(),
  password: password.optional(),
});

export const User = z.object({
  userId: z.string(),
  username: z.string(),
  displayName: z.string().nullable(),
  role: z.enum(roles),
  tenantId: z.string().nullable(),
  publishers: z.array(z.string()),
  status: z.enum(['Active', 'Disabled']),
  createdAt: timestamp,
  updatedAt: timestamp,
  lastSignInAt: timestamp.nullable(),
});

export const UserQuery = z.strictObject({
  ...pageQuery,
  role: z.enum(roles).optional(),
  status: z.enum(['Active', 'Disabled']).optional(),
  search: line(120).optional(),
});
export const UserList = z.object({ users: z.array(User), ...pageAnswer });

export const robotName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lowercase letters, numbers, dots, dashes and underscores',
  );
const expiresInDays = z.number().int().min(1).max(365);

export const CreateTenantRobot = z.strictObject({
  name: robotName,
  description: line(300).optional(),
  role: z.enum(tenantRoles).default('TenantUser'),
  expiresInDays: expiresInDays.default(90),
});
export const CreatePublisherRobot = z.strictObject({
  name: robotName,
  description: line(300).optional(),
  expiresInDays: expiresInDays.default(90),
});
export const RotateRobot = z.strictObject({
  expiresInDays: expiresInDays.optional().meta({ description: 'From now on; 90 when left out' }),
});

export const Robot = z.object({
  robotId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  role: z.enum(roles),
  tenantId: z.string().nullable(),
  publisherId: z.string().nullable(),
  status: z.enum(['Active', 'Disabled', 'Expired']),
  createdBy: z.string(),
  createdAt: timestamp,
  expiresAt: timestamp,
});
export const RobotWithToken = Robot.extend({
  token: z.string().meta({ description: 'Shown once; only its hash is kept' }),
});
export const PageQuery = z.strictObject(pageQuery);
export const RobotList = z.object({ robots: z.array(Robot), ...pageAnswer });
