import { isUtf8 } from 'node:buffer';
import { AppError } from '@switchyard/errors';

const maxDepth = 32;
const suspicious = /proto|\\u/;

const refuse = (message: string): AppError =>
  new AppError('VALIDATION_ERROR', message, { details: [{ field: 'body', message }] });

/** JSON as we accept it: valid UTF-8, of bounded nesting, without keys that reach for a prototype. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw refuse('The body is not valid UTF-8');
  const text = bytes.toString('utf8');
  if (depthOf(text) > maxDepth) throw refuse(`The body is nested deeper than ${maxDepth} levels`);
  try {
    // Looking at every key of every body costs ten times the parsing; only a text that could spell one is looked at.
    return suspicious.test(text) ? JSON.parse(text, refuseUnfit) : JSON.parse(text);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refuse(`The body is not valid JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

/** No database keeps it, and no name or text of anybody holds it. */
const isText = (value: string): boolean => !value.includes('\u0000') && value.isWellFormed();

function refuseUnfit(this: unknown, key: string, value: unknown): unknown {
  if (!isText(key) || (typeof value === 'string' && !isText(value)))
    throw refuse('The body holds text with U+0000 or with half of a surrogate pair');
  if (
    key === '__proto__' ||
    (key === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value)
  )
    throw refuse(`The body holds the forbidden key "${key}"`);
  return value;
}

/** Counted on the text: the parser itself would recurse before anybody could look. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 92) i += 1;
      else if (c === 34) inString = false;
    } else if (c === 34) inString = true;
    else if (c === 123 || c === 91) deepest = Math.max(deepest, (depth += 1));
    else if (c === 125 || c === 93) depth -= 1;
  }
  return deepest;
}
