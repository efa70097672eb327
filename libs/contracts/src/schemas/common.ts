import { z } from 'zod';

const reserved = new Set([
  'search',
  'install',
  'repositories',
  'broadcast',
  'status',
  'ui',
  'cli',
  'api',
  'health',
  'new',
]);

/** Ids appear in host names and Kubernetes object names, hence a DNS label. */
export const dnsLabel = (subject: string) =>
  z
    .string()
    .min(3, `${subject} must have at least 3 characters`)
    .max(63, `${subject} must have at most 63 characters`)
    .regex(
      /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
      `${subject} must contain only lowercase letters, numbers, and dashes, and begin and end with a letter or number`,
    )
    .refine((id) => !reserved.has(id), { message: `${subject} must not be a reserved word` });

/** Half of a surrogate pair is no text: no database keeps it. */
const wellFormed = (value: string): boolean => value.isWellFormed();
const notText = { message: 'must be well-formed text' };

/** One line of text as a person writes it: no control characters. */
export const line = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters')
    .refine(wellFormed, notText);

export const nonEmptyLine = (max: number) =>
  line(max)
    .min(1)
    // No part of the pattern: clients check that with engines that do not know Unicode's categories.
    .refine((value) => !/\p{Cf}/u.test(value), { message: 'must not contain characters that cannot be seen' })
    .refine((value) => value.trim() !== '', { message: 'must not be empty' });

export const prose = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$/, 'must not contain control characters')
    .refine(wellFormed, notText);

export const timestamp = z.iso.datetime({ offset: true });

/** A free label such as a category or a tier. */
export const label = (subject: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
      `${subject} must begin with a letter or number and hold at most 63 letters, numbers, spaces, dots, dashes and underscores`,
    );

export const queryNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number from ${min} to ${max}`)
    .meta({ openapi: { type: 'integer', minimum: min, maximum: max } })
    .transform(Number)
    .refine((value) => value >= min && value <= max, {
      message: `expected a whole number from ${min} to ${max}`,
    });

/** Deeper than this an offset costs too much; the cursor does not. */
export const maxOffset = 10_000;

export const pageQuery = {
  limit: queryNumber(1, 100)
    .prefault('20')
    .meta({ description: 'How many to return, at most 100', openapi: { default: 20 } }),
  offset: queryNumber(0, maxOffset)
    .prefault('0')
    .meta({
      description: `How many to pass over, at most ${maxOffset}; use cursor beyond`,
      openapi: { default: 0 },
    }),
  cursor: z
    .string()
    .max(1024)
    .optional()
    .meta({ description: 'nextCursor of the page before; wins over offset' }),
};

export const pageAnswer = {
  total: z.number().int().meta({
    description: 'Exact up to 10,000, of lists by words or tags up to 1,000',
  }),
  totalIsEstimate: z.boolean().optional().meta({ description: 'true when there are more than were counted' }),
  limit: z.number().int(),
  offset: z.number().int(),
  nextCursor: z.string().nullable(),
};

export const noQuery = z.strictObject({});
