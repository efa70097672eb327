import { Controller, Inject } from '@nestjs/common';
import { routes, type DeadLetter as View } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { DeadLetters, type DeadLetter } from '@switchyard/events';
import { audited, type HandlerInput, type HandlerOutput, Handles, Input } from '@switchyard/service';
import type { z } from 'zod';

@Controller()
export class DeadLettersController {
  private readonly deadLetters = new DeadLetters();

  constructor(@Inject(ServiceDatabase) private readonly database: ServiceDatabase) {}

  @Handles(routes.listDeadLetters)
  async list(
    @Input() { query }: HandlerInput<typeof routes.listDeadLetters>,
  ): HandlerOutput<typeof routes.listDeadLetters> {
    const { rows, ...page } = await this.database.withPlatform('dead letters', (tx) =>
      this.deadLetters.list(tx, query, query),
    );
    return { deadLetters: rows.map(view), ...page };
  }

  @Handles(routes.getDeadLetter)
  async get(
    @Input() { params }: HandlerInput<typeof routes.getDeadLetter>,
  ): HandlerOutput<typeof routes.getDeadLetter> {
    return view(await this.database.withPlatform('dead letters', (tx) => this.find(tx, params.deadLetterId)));
  }

  @Handles(routes.replayDeadLetter)
  async replay(
    @Input() { params, call }: HandlerInput<typeof routes.replayDeadLetter>,
  ): HandlerOutput<typeof routes.replayDeadLetter> {
    return await this.database.withPlatform('dead letters', async (tx) => {
      const letter = await this.find(tx, params.deadLetterId);
      await this.deadLetters.replay(tx, letter.id);
      await audited(tx, call, {
        tenant: null,
        action: 'dead-letter.replayed',
        subject: letter.id,
        details: { type: letter.event.type, group: letter.group },
      });
      return view({ ...letter, status: 'Replaying' });
    });
  }

  @Handles(routes.dropDeadLetter)
  async drop(
    @Input() { params, call }: HandlerInput<typeof routes.dropDeadLetter>,
  ): HandlerOutput<typeof routes.dropDeadLetter> {
    await this.database.withPlatform('dead letters', async (tx) => {
      const letter = await this.find(tx, params.deadLetterId);
      await this.deadLetters.drop(tx, letter.id);
      await audited(tx, call, {
        tenant: null,
        action: 'dead-letter.dropped',
        subject: letter.id,
        details: { type: letter.event.type, group: letter.group },
      });
    });
  }

  private async find(tx: Transaction, id: string): Promise<DeadLetter> {
    const letter = await this.deadLetters.get(tx, id);
    if (!letter) throw notFound('Dead letter', id);
    return letter;
  }
}

const view = (letter: DeadLetter): z.output<typeof View> => ({
  deadLetterId: letter.id,
  group: letter.group,
  eventId: letter.event.id,
  type: letter.event.type,
  version: letter.event.version,
  tenantId: letter.event.tenant,
  key: letter.event.key,
  data: letter.event.data,
  error: letter.error,
  attempts: letter.attempts,
  status: letter.status,
  failedAt: letter.failedAt,
});
