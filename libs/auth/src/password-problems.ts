import { COMMON_PASSWORDS } from './common-passwords.js';

const MIN_CHARACTERS = 8;
const MAX_CHARACTERS = 256;

/** What is wrong with a new password, in sentences for its owner; empty when nothing is. */
export function passwordProblems(password: string, { username }: { username: string }): string[] {
  const characters = [...password.normalize('NFKC')].length;
  const rules: [broken: boolean, message: string][] = [
    [characters < MIN_CHARACTERS, `It needs at least ${MIN_CHARACTERS} characters`],
    [characters > MAX_CHARACTERS, `It may have at most ${MAX_CHARACTERS} characters`],
    [/[\p{Cc}\p{Cs}]/u.test(password), 'It may not contain control characters'],
    [fold(password) === fold(username), 'It may not be the user name'],
    [COMMON_PASSWORDS.has(fold(password)), 'It is one of the most common passwords'],
  ];
  return rules.filter(([broken]) => broken).map(([, message]) => message);
}

const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
