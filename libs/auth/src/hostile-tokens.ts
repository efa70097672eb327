import { algorithmCases, confusionCases } from './hostile/algorithm-cases.js';
import { claimCases } from './hostile/claim-cases.js';
import { named, type HostileToken, type HostileTokenInput } from './hostile/forge.js';
import { headerCases } from './hostile/header-cases.js';
import { signatureCases } from './hostile/signature-cases.js';
import { textCases } from './hostile/text-cases.js';

export type { HostileToken, HostileTokenInput } from './hostile/forge.js';

/** For tests: tokens that every door has to refuse, each for one reason, all names distinct. */
export function hostileTokens(input: HostileTokenInput): HostileToken[] {
  return [
    ...named('algorithm', algorithmCases(input)),
    ...named('key confusion', confusionCases(input)),
    ...named('header', headerCases(input)),
    ...named('claims', claimCases(input)),
    ...named('signature', signatureCases(input)),
    ...named('text', textCases(input)),
  ];
}
