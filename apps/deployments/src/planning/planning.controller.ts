import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { DependencyValidator } from './dependency-validator.js';
import { Planner } from './planner.js';

@Controller()
export class PlanningController {
  constructor(
    @Inject(Planner) private readonly planner: Planner,
    @Inject(DependencyValidator) private readonly validator: DependencyValidator,
  ) {}

  @Handles(routes.planDeployment)
  plan(
    @Input() { body, call }: HandlerInput<typeof routes.planDeployment>,
  ): HandlerOutput<typeof routes.planDeployment> {
    return this.planner.plan(call, body);
  }

  @Handles(routes.validateDeploymentDependencies)
  validate(
    @Input() { body, call }: HandlerInput<typeof routes.validateDeploymentDependencies>,
  ): HandlerOutput<typeof routes.validateDeploymentDependencies> {
    return this.validator.validate(call, body);
  }
}
