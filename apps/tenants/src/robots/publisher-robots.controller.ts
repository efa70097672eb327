import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { Handles, Input, type EdgeCall, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { mustManage } from '../publishers/must-manage.js';
import { TenantsOptions } from '../tenants-options.js';
import { createRobot, removeRobot, robotView, rotateRobot, setRobotStatus } from './robot-operations.js';
import { listRobotRows, type RobotOwner } from './robot.store.js';

@Controller()
export class PublisherRobotsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createPublisherRobot)
  create(
    @Input() { params, body, call }: HandlerInput<typeof routes.createPublisherRobot>,
  ): HandlerOutput<typeof routes.createPublisherRobot> {
    return this.of(call, params.publisherId, (tx, owner, now) =>
      createRobot(tx, call, owner, { ...body, role: 'PluginDeveloper' }, now),
    );
  }

  @Handles(routes.listPublisherRobots)
  list(
    @Input() { params, query, call }: HandlerInput<typeof routes.listPublisherRobots>,
  ): HandlerOutput<typeof routes.listPublisherRobots> {
    return this.of(call, params.publisherId, async (tx, owner, now) => {
      const { rows, ...page } = await listRobotRows(tx, owner, query);
      return { robots: rows.map((row) => robotView(row, now)), ...page };
    });
  }

  @Handles(routes.rotatePublisherRobot)
  rotate(
    @Input() { params, body, call }: HandlerInput<typeof routes.rotatePublisherRobot>,
  ): HandlerOutput<typeof routes.rotatePublisherRobot> {
    return this.of(call, params.publisherId, (tx, owner, now) =>
      rotateRobot(tx, call, owner, params.robotId, body.expiresInDays, now),
    );
  }

  @Handles(routes.disablePublisherRobot)
  disable(
    @Input() { params, call }: HandlerInput<typeof routes.disablePublisherRobot>,
  ): HandlerOutput<typeof routes.disablePublisherRobot> {
    return this.of(call, params.publisherId, (tx, owner, now) =>
      setRobotStatus(tx, call, owner, params.robotId, 'Disabled', now),
    );
  }

  @Handles(routes.enablePublisherRobot)
  enable(
    @Input() { params, call }: HandlerInput<typeof routes.enablePublisherRobot>,
  ): HandlerOutput<typeof routes.enablePublisherRobot> {
    return this.of(call, params.publisherId, (tx, owner, now) =>
      setRobotStatus(tx, call, owner, params.robotId, 'Active', now),
    );
  }

  @Handles(routes.deletePublisherRobot)
  delete(
    @Input() { params, call }: HandlerInput<typeof routes.deletePublisherRobot>,
  ): HandlerOutput<typeof routes.deletePublisherRobot> {
    return this.of(call, params.publisherId, (tx, owner) => removeRobot(tx, call, owner, params.robotId));
  }

  private of<T>(
    call: EdgeCall,
    publisherId: string,
    work: (tx: Transaction, owner: RobotOwner, now: number) => Promise<T>,
  ): Promise<T> {
    return this.database.withPlatform('robots of a publisher', async (tx) => {
      await mustManage(tx, call, publisherId);
      return await work(tx, { kind: 'publisher', id: publisherId }, this.options.clock());
    });
  }
}
