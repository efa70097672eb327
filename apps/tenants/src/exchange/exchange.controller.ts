import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { Exchange } from './exchange.js';

@Controller()
export class ExchangeController {
  constructor(@Inject(Exchange) private readonly exchange: Exchange) {}

  @Handles(routes.exchangeToken)
  async exchangeToken(
    @Input() { body, call }: HandlerInput<typeof routes.exchangeToken>,
  ): HandlerOutput<typeof routes.exchangeToken> {
    const { token, ...wanted } = body;
    return await this.exchange.exchange(call, token, wanted);
  }
}
