import { newOpaqueSecret } from '@switchyard/auth';
import type { Robot, Role } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { feedPut, feedRemove } from '@switchyard/events';
import { audited, type EdgeCall, identityOf } from '@switchyard/service';
import type { z } from 'zod';
import { mustStillCount } from '../people/revocations.js';
import {
  countRobots,
  deleteRobot,
  insertRobot,
  lockRobot,
  saveRobot,
  type RobotOwner,
  type RobotRow,
} from './robot.store.js';

/** What every gateway knows of every robot: enough to check its token without asking anybody. */
export const robotFeed = 'tenants.robots';

export interface NewRobot {
  name: string;
  description?: string | undefined;
  role: Role;
  expiresInDays: number;
}

const dayMs = 86_400_000;
/** Every gateway holds every robot, and each has rate limits of its own. */
const mostRobots = 100;
/** A robot whose expiry is not told anew gets this much again when it is rotated. */
const defaultDays = 90;

export async function createRobot(
  tx: Transaction,
  call: EdgeCall,
  owner: RobotOwner,
  input: NewRobot,
  now: number,
) {
  const who = identityOf(call);
  await mustStillCount(tx, who);
  if ((await countRobots(tx, owner)) >= mostRobots)
    throw conflict(`There are ${mostRobots} robots already; delete one that nobody uses`);
  const secret = newOpaqueSecret('robot');
  const row = await insertRobot(tx, {
    robot_id: secret.id,
    name: input.name,
    description: input.description ?? null,
    role: input.role,
    tenant_id: owner.kind === 'tenant' ? owner.id : null,
    publisher_id: owner.kind === 'publisher' ? owner.id : null,
    secret_hash: secret.hash,
    created_by: who.username,
    created_by_id: who.subject,
    expires_at: new Date(now + input.expiresInDays * dayMs),
  });
  if (!row)
    throw conflict(`There is a robot "${input.name}" already`, [
      { field: 'name', message: 'is taken', received: input.name },
    ]);
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'robot.created',
    subject: row.name,
    details: { role: row.role, expiresAt: row.expires_at },
  });
  await tellGateways(tx, row);
  return { ...robotView(row, now), token: secret.token };
}

export async function rotateRobot(
  tx: Transaction,
  call: EdgeCall,
  owner: RobotOwner,
  robotId: string,
  days: number | undefined,
  now: number,
) {
  const who = identityOf(call);
  await mustStillCount(tx, who);
  const before = await mustLock(tx, owner, robotId);
  const secret = newOpaqueSecret('robot', before.robot_id);
  const row = await saveRobot(tx, robotId, {
    status: before.status,
    secret_hash: secret.hash,
    created_by_id: who.subject,
    expires_at: new Date(now + (days ?? defaultDays) * dayMs),
  });
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'robot.rotated',
    subject: row.name,
    details: { expiresAt: row.expires_at },
  });
  await tellGateways(tx, row);
  return { ...robotView(row, now), token: secret.token };
}

export async function setRobotStatus(
  tx: Transaction,
  call: EdgeCall,
  owner: RobotOwner,
  robotId: string,
  status: RobotRow['status'],
  now: number,
) {
  await mustStillCount(tx, identityOf(call));
  const before = await mustLock(tx, owner, robotId);
  if (before.status === status) return robotView(before, now);
  const row = await saveRobot(tx, robotId, { ...before, status });
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: status === 'Disabled' ? 'robot.disabled' : 'robot.enabled',
    subject: row.name,
  });
  await tellGateways(tx, row);
  return robotView(row, now);
}

export async function removeRobot(
  tx: Transaction,
  call: EdgeCall,
  owner: RobotOwner,
  robotId: string,
): Promise<void> {
  const before = await mustLock(tx, owner, robotId);
  await deleteRobot(tx, robotId);
  await audited(tx, call, { tenant: before.tenant_id, action: 'robot.deleted', subject: before.name });
  await feedRemove(tx, robotFeed, robotId);
}

export async function mustLock(tx: Transaction, owner: RobotOwner, robotId: string): Promise<RobotRow> {
  const row = await lockRobot(tx, owner, robotId);
  if (!row) throw notFound('Robot', robotId);
  return row;
}

export const tellGateways = (tx: Transaction, row: RobotRow): Promise<void> =>
  feedPut(tx, robotFeed, row.robot_id, {
    hash: row.secret_hash,
    username: `robot:${row.publisher_id ?? row.tenant_id ?? ''}/${row.name}`,
    role: row.role,
    tenant: row.tenant_id,
    publishers: row.publisher_id === null ? [] : [row.publisher_id],
    active: row.status === 'Active',
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  });

export const robotView = (row: RobotRow, now: number): z.output<typeof Robot> => ({
  robotId: row.robot_id,
  name: row.name,
  description: row.description,
  role: row.role,
  tenantId: row.tenant_id,
  publisherId: row.publisher_id,
  status: row.expires_at.getTime() <= now ? 'Expired' : row.status,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
});
