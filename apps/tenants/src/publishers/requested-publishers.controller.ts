import { Controller } from '@nestjs/common';
import { recordAudit } from '@switchyard/audit';
import { publisherRequested, type EventData } from '@switchyard/contracts';
import { Consumes, type DomainEvent, type EventContext } from '@switchyard/events';
import { tellRegistry } from './publisher-feed.js';
import { insertPublisher } from './publisher.store.js';

/** Makes the publishers that a PlatformAdmin registered plugins for before there were any. */
@Controller()
export class RequestedPublishersController {
  @Consumes(publisherRequested, 'tenants.requested-publishers')
  async requested(
    { data }: DomainEvent<EventData<typeof publisherRequested>>,
    { tx }: EventContext,
  ): Promise<void> {
    const { publisherId, name } = data;
    const made =
      (await insertPublisher(tx, { publisher_id: publisherId, name, description: null })) ??
      // Somebody made one of this name with another id at the same moment: the plugins keep theirs.
      (await insertPublisher(tx, {
        publisher_id: publisherId,
        name: `${name} (${publisherId})`,
        description: null,
      }));
    if (!made) return;
    await tellRegistry(tx, publisherId);
    await recordAudit(tx, {
      tenant: null,
      action: 'publisher.created',
      subject: publisherId,
      outcome: 'Success',
      actor: 'switchyard',
      actorKind: 'system',
      details: { reason: 'a plugin was registered for it' },
    });
  }
}
