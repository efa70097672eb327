import * as contracts from '@switchyard/contracts';
import { z } from 'zod';

/** The exported schemas of the contracts, by their names: what the document lists under components. */
export const schemaNames: ReadonlyMap<z.ZodType, string> = new Map(
  Object.entries(contracts)
    .filter((entry): entry is [string, z.ZodType & (typeof entry)[1]] => entry[1] instanceof z.ZodType)
    .map(([name, schema]) => [schema, name]),
);
