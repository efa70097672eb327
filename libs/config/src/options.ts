import { z } from 'zod';

/** What an option's schema says about itself beside its type; the reference page is generated from it. */
export interface OptionMeta {
  description: string;
  /** A secret may come from a file named by `<NAME>_FILE` and is never printed. */
  secret?: boolean;
  example?: string;
}

const trueWords = new Set(['true', 'on', 'yes', '1']);
const falseWords = new Set(['false', 'off', 'no', '0']);

export const text = (meta: OptionMeta) =>
  z
    .string()
    .min(1)
    .meta({ ...meta });

export const secretText = (meta: Omit<OptionMeta, 'secret'>) =>
  z
    .string()
    .min(1)
    .meta({ ...meta, secret: true });

export const flag = (meta: OptionMeta) =>
  z
    .string()
    .transform((value, context) => {
      const word = value.toLowerCase();
      if (trueWords.has(word)) return true;
      if (falseWords.has(word)) return false;
      context.addIssue({ code: 'custom', message: 'expected on or off' });
      return z.NEVER;
    })
    .meta({ ...meta });

export const wholeNumber = (range: { min: number; max: number }, meta: OptionMeta) =>
  z
    .string()
    .transform((value, context) => {
      const number = Number(value);
      if (/^-?\d+$/.test(value) && number >= range.min && number <= range.max) return number;
      context.addIssue({
        code: 'custom',
        message: `expected a whole number from ${range.min} to ${range.max}`,
      });
      return z.NEVER;
    })
    .meta({ ...meta });

export const port = (meta: OptionMeta) => wholeNumber({ min: 0, max: 65_535 }, meta);

export const url = (protocols: readonly string[], meta: OptionMeta) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)), {
      message: `expected a URL that begins with ${protocols.map((p) => `${p}://`).join(' or ')}`,
    })
    .meta({ ...meta });

/** A URL that may hold a password: treated as a secret. */
export const secretUrl = (protocols: readonly string[], meta: Omit<OptionMeta, 'secret'>) =>
  url(protocols, { ...meta, secret: true });

export const list = (meta: OptionMeta) =>
  z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .meta({ ...meta });

export const choice = <const T extends readonly [string, ...string[]]>(values: T, meta: OptionMeta) =>
  z.enum(values, { error: `expected one of ${values.join(', ')}` }).meta({ ...meta });

/** Seconds in the environment, milliseconds in the code. */
export const seconds = (range: { min: number; max: number }, meta: OptionMeta) =>
  wholeNumber(range, meta).transform((value) => value * 1000);
