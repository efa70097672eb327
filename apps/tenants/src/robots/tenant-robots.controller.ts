import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { mustExist } from '../tenants/tenant.store.js';
import { TenantsOptions } from '../tenants-options.js';
import {
  createRobot,
  mustLock,
  removeRobot,
  robotView,
  rotateRobot,
  setRobotStatus,
} from './robot-operations.js';
import { listRobotRows, type RobotOwner } from './robot.store.js';

@Controller()
export class TenantRobotsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createTenantRobot)
  create(
    @Input() { params, body, call }: HandlerInput<typeof routes.createTenantRobot>,
  ): HandlerOutput<typeof routes.createTenantRobot> {
    return this.of(params.tenantId, async (tx, owner, now) => {
      await mustExist(tx, owner.id);
      return await createRobot(tx, call, owner, body, now);
    });
  }

  @Handles(routes.listTenantRobots)
  list(
    @Input() { params, query }: HandlerInput<typeof routes.listTenantRobots>,
  ): HandlerOutput<typeof routes.listTenantRobots> {
    return this.of(params.tenantId, async (tx, owner, now) => {
      await mustExist(tx, owner.id);
      const { rows, ...page } = await listRobotRows(tx, owner, query);
      return { robots: rows.map((row) => robotView(row, now)), ...page };
    });
  }

  @Handles(routes.getTenantRobot)
  get(
    @Input() { params }: HandlerInput<typeof routes.getTenantRobot>,
  ): HandlerOutput<typeof routes.getTenantRobot> {
    return this.of(params.tenantId, async (tx, owner, now) =>
      robotView(await mustLock(tx, owner, params.robotId), now),
    );
  }

  @Handles(routes.rotateTenantRobot)
  rotate(
    @Input() { params, body, call }: HandlerInput<typeof routes.rotateTenantRobot>,
  ): HandlerOutput<typeof routes.rotateTenantRobot> {
    return this.of(params.tenantId, (tx, owner, now) =>
      rotateRobot(tx, call, owner, params.robotId, body.expiresInDays, now),
    );
  }

  @Handles(routes.disableTenantRobot)
  disable(
    @Input() { params, call }: HandlerInput<typeof routes.disableTenantRobot>,
  ): HandlerOutput<typeof routes.disableTenantRobot> {
    return this.of(params.tenantId, (tx, owner, now) =>
      setRobotStatus(tx, call, owner, params.robotId, 'Disabled', now),
    );
  }

  @Handles(routes.enableTenantRobot)
  enable(
    @Input() { params, call }: HandlerInput<typeof routes.enableTenantRobot>,
  ): HandlerOutput<typeof routes.enableTenantRobot> {
    return this.of(params.tenantId, (tx, owner, now) =>
      setRobotStatus(tx, call, owner, params.robotId, 'Active', now),
    );
  }

  @Handles(routes.deleteTenantRobot)
  delete(
    @Input() { params, call }: HandlerInput<typeof routes.deleteTenantRobot>,
  ): HandlerOutput<typeof routes.deleteTenantRobot> {
    return this.of(params.tenantId, (tx, owner) => removeRobot(tx, call, owner, params.robotId));
  }

  private of<T>(
    tenantId: string,
    work: (tx: Transaction, owner: RobotOwner, now: number) => Promise<T>,
  ): Promise<T> {
    return this.database.withTenant(tenantId, (tx) =>
      work(tx, { kind: 'tenant', id: tenantId }, this.options.clock()),
    );
  }
}
