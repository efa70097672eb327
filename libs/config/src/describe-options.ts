import { z } from 'zod';
import type { OptionMeta } from './options.js';

export interface OptionDescription extends OptionMeta {
  name: string;
  required: boolean;
  secret: boolean;
  /** As one would write it in the environment. */
  defaultText?: string;
}

const asText = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** Reads an option schema's names, descriptions and defaults: for the reader and the reference page. */
export function describeOptions(schema: z.ZodObject): OptionDescription[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const option = field as z.ZodType;
    const meta = metaOf(option);
    const fallback =
      option instanceof z.ZodPrefault || option instanceof z.ZodDefault ? option.def.defaultValue : undefined;
    return {
      ...meta,
      name,
      secret: meta.secret ?? false,
      required: !(option instanceof z.ZodOptional) && fallback === undefined,
      ...(fallback === undefined ? {} : { defaultText: asText(fallback) }),
    };
  });
}

function metaOf(field: z.ZodType): OptionMeta {
  let current: z.ZodType | undefined = field;
  while (current) {
    const meta = current.meta() as OptionMeta | undefined;
    if (meta?.description) return meta;
    current =
      current instanceof z.ZodOptional || current instanceof z.ZodPrefault || current instanceof z.ZodDefault
        ? (current.unwrap() as z.ZodType)
        : current instanceof z.ZodPipe
          ? (current.in as z.ZodType)
          : undefined;
  }
  throw new Error('an option without a description');
}
