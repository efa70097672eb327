import { Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventData, EventDefinition } from '@switchyard/contracts';
import { throwError, type Observable } from 'rxjs';
import type { DomainEvent, EventContext } from '../event.js';

export const eventTransport = Symbol('switchyard-events');

export interface Consumption {
  definition: EventDefinition;
  group: string;
}

/** Nest would replace the error by "Internal server error"; retries and dead letters need the one that was thrown. */
@Catch()
class OriginalError implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

type HandlerMethod<Definition extends EventDefinition> = (
  event: DomainEvent<EventData<Definition>>,
  context: EventContext,
) => Promise<void> | void;

/**
 * The method handles each event of this kind once per group: `(event: DomainEvent<Data>, context: EventContext)`. What it
 * writes through `context.tx` is committed together with the note that it did. It does no I/O of another kind.
 */
export function Consumes<Definition extends EventDefinition>(definition: Definition, group: string) {
  const pattern = EventPattern(`${group}/${definition.type}`, eventTransport, {
    definition,
    group,
  } satisfies Consumption);
  return <Method extends HandlerMethod<Definition>>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    Payload()(target, name, 0);
    Ctx()(target, name, 1);
    UseFilters(new OriginalError())(target, name, descriptor as PropertyDescriptor);
    pattern(target, name, descriptor as PropertyDescriptor);
  };
}
