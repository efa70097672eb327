import { claimTexts } from './claim-texts.js';

/**
 * Claims of which an issuer gives each value to one party only. Others tell what is done, not who does it: everybody
 * at a public forge has a `ref` called `refs/heads/main`.
 */
export const identifyingClaims = [
  'sub',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'project_path',
  'project_id',
  'namespace_path',
  'namespace_id',
] as const;

/**
 * Whom a rule means, so far as it is written out: the value of an identifying claim up to its first slash. Undefined
 * when a wildcard stands there: such a rule would trust strangers.
 */
export function anchorOf(claims: Readonly<Record<string, string>>): string | undefined {
  for (const name of identifyingClaims) {
    const head = Object.hasOwn(claims, name) ? headOf(claims[name] ?? '') : '*';
    if (!head.includes('*')) return `${name}=${head}`;
  }
  return undefined;
}

/** The anchors of every rule that could mean this token. */
export const anchorsIn = (claims: Readonly<Record<string, unknown>>): string[] =>
  identifyingClaims.flatMap((name) =>
    Object.hasOwn(claims, name) ? claimTexts(claims[name]).map((text) => `${name}=${headOf(text)}`) : [],
  );

/** `acme/` of `acme/stripe`, and `spiffe://acme.example/` of what begins like an address. */
const headOf = (text: string): string => /^\/*(?:[^/]*:\/+)?[^/]*\/?/.exec(text)?.[0] ?? '';
