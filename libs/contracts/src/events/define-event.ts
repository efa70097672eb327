import type { z } from 'zod';

/**
 * A past fact that services tell each other, in the words of the glossary. `version` rises when a reader of the
 * old shape would misread the new one; new optional fields do not raise it.
 */
export interface EventDefinition<Data extends z.ZodType = z.ZodType> {
  /** `tenant.created`: also the CloudEvents type, with the version: `switchyard.tenant.created.v1`. */
  readonly type: string;
  readonly version: number;
  readonly data: Data;
  /** What keeps order: events of one key are handled one after the other. */
  readonly key: 'tenant' | 'plugin';
}

export const defineEvent = <Data extends z.ZodType>(
  definition: EventDefinition<Data>,
): EventDefinition<Data> => definition;

export type EventData<D extends EventDefinition> = z.output<D['data']>;
