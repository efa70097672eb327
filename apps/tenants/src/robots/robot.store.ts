import type { Role } from '@switchyard/contracts';
import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

export interface RobotRow {
  robot_id: string;
  name: string;
  description: string | null;
  role: Role;
  tenant_id: string | null;
  publisher_id: string | null;
  secret_hash: string;
  status: 'Active' | 'Disabled';
  created_by: string;
  /** Who was shown the secret: whoever rotates the robot takes it over. */
  created_by_id: string;
  created_at: Date;
  expires_at: Date;
}

/** Who a robot belongs to: it can never be reached through another owner. */
export type RobotOwner = { kind: 'tenant'; id: string } | { kind: 'publisher'; id: string };

const ownerColumn = (owner: RobotOwner) => (owner.kind === 'tenant' ? 'tenant_id' : 'publisher_id');

export const countRobots = async (tx: Transaction, owner: RobotOwner): Promise<number> =>
  (
    await tx.one<{ n: number }>(
      `SELECT count(*)::int AS n FROM tenants.robots WHERE ${ownerColumn(owner)} = $1`,
      [owner.id],
    )
  )?.n ?? 0;

/** Undefined when the owner has a robot of that name. */
export const insertRobot = (
  tx: Transaction,
  robot: Omit<RobotRow, 'status' | 'created_at'>,
): Promise<RobotRow | undefined> =>
  tx.one<RobotRow>(
    `INSERT INTO tenants.robots (robot_id, name, description, role, tenant_id, publisher_id, secret_hash, created_by, created_by_id, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING *`,
    [
      robot.robot_id,
      robot.name,
      robot.description,
      robot.role,
      robot.tenant_id,
      robot.publisher_id,
      robot.secret_hash,
      robot.created_by,
      robot.created_by_id,
      robot.expires_at,
    ],
  );

export const lockRobot = (
  tx: Transaction,
  owner: RobotOwner,
  robotId: string,
): Promise<RobotRow | undefined> =>
  tx.one<RobotRow>(
    `SELECT * FROM tenants.robots WHERE ${ownerColumn(owner)} = $1 AND robot_id = $2 FOR UPDATE`,
    [owner.id, robotId],
  );

export const lockRobotsOf = (tx: Transaction, userId: string): Promise<RobotRow[]> =>
  tx.query<RobotRow>(
    `SELECT * FROM tenants.robots WHERE created_by_id = $1 AND status = 'Active' ORDER BY robot_id FOR UPDATE`,
    [userId],
  );

export function listRobotRows(tx: Transaction, owner: RobotOwner, page: Page): Promise<PageOf<RobotRow>> {
  const where = [{ sql: `${ownerColumn(owner)} = ?`, values: [owner.id] }];
  return listPage<RobotRow>(
    tx,
    { columns: '*', from: 'tenants.robots', where, createdAt: 'created_at', id: 'robot_id' },
    page,
  );
}

export async function saveRobot(
  tx: Transaction,
  robotId: string,
  change: Pick<RobotRow, 'secret_hash' | 'status' | 'expires_at' | 'created_by_id'>,
): Promise<RobotRow> {
  const row = await tx.one<RobotRow>(
    'UPDATE tenants.robots SET secret_hash = $2, status = $3, expires_at = $4, created_by_id = $5 WHERE robot_id = $1 RETURNING *',
    [robotId, change.secret_hash, change.status, change.expires_at, change.created_by_id],
  );
  if (!row) throw new Error(`robot ${robotId} vanished while it was locked`);
  return row;
}

export const deleteRobot = (tx: Transaction, robotId: string): Promise<number> =>
  tx.run('DELETE FROM tenants.robots WHERE robot_id = $1', [robotId]);
