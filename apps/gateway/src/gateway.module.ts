import type { DynamicModule } from '@nestjs/common';
import { KnownState } from './known/known-state.js';
import { GatewayReadiness } from './root/gateway-readiness.js';
import { RootController } from './root/root.controller.js';

/** What the gateway serves itself; everything under /api/ passes the edge before Nest sees it. */
export class GatewayModule {
  static with(parts: { known: KnownState; readiness: GatewayReadiness }): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [RootController],
      providers: [
        { provide: KnownState, useValue: parts.known },
        { provide: GatewayReadiness, useValue: parts.readiness },
      ],
    };
  }
}
