import type { EventDefinition } from '@switchyard/contracts';
import type { DomainEvent, EventContext, EventHandler } from '../event.js';
import { mayPublish } from '../schema/type-owners.js';
import { UnreadableEvent } from './failure.js';
import { readData } from './read-data.js';

export interface RegisteredHandler {
  definition: EventDefinition;
  handle: EventHandler;
}

/** What one group does on which event; several handlers of one event share its transaction. */
export class HandlerSet {
  private readonly byType = new Map<string, RegisteredHandler[]>();

  constructor(readonly group: string) {}

  add(handler: RegisteredHandler): void {
    this.byType.set(handler.definition.type, [...(this.byType.get(handler.definition.type) ?? []), handler]);
  }

  get types(): string[] {
    return [...this.byType.keys()];
  }

  knows(type: string): boolean {
    return this.byType.has(type);
  }

  async run(event: DomainEvent, context: EventContext): Promise<void> {
    if (!mayPublish(event.source, event.type))
      throw new UnreadableEvent(`${event.source} may not publish ${event.type}`);
    for (const { definition, handle } of this.byType.get(event.type) ?? [])
      await handle({ ...event, data: readData(definition, event) }, context);
  }
}
