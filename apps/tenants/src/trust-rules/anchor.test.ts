import fc from 'fast-check';
import { anchorOf, anchorsIn, identifyingClaims } from './anchor.js';
import { matchesClaims } from './matches-claims.js';

test.each([
  [{ repository: 'acme/stripe' }, 'repository=acme/'],
  [{ repository: 'acme/*', ref: '**' }, 'repository=acme/'],
  [{ repository_owner: 'acme' }, 'repository_owner=acme'],
  [{ repository: '*/*', repository_owner_id: '123' }, 'repository_owner_id=123'],
  [{ sub: 'repo:acme/stripe:**' }, 'sub=repo:acme/'],
  [{ sub: 'system:serviceaccount:ci:builder' }, 'sub=system:serviceaccount:ci:builder'],
  [{ sub: 'spiffe://acme.example/ci/*' }, 'sub=spiffe://acme.example/'],
  [{ sub: '/acme/*' }, 'sub=/acme/'],
])('%j says whom it means: %s', (claims, anchor) => {
  expect(anchorOf(claims)).toBe(anchor);
});

test.each([
  [{}],
  [{ ref: 'refs/heads/main' }],
  [{ iss: 'https://idp.example', aud: 'switchyard' }],
  [{ job_workflow_ref: 'acme/ci/.github/workflows/release.yml@refs/heads/main' }],
  [{ repository: '*' }],
  [{ repository: '**' }],
  [{ repository: '*/*' }],
  [{ repository: '*/stripe' }],
  [{ repository: 'ac*/stripe' }],
  [{ repository_owner: 'ac*' }],
  [{ sub: 'repo:*' }],
  [{ sub: 'repo:**' }],
  [{ sub: 'repo:*/stripe:ref:refs/heads/main' }],
  [{ sub: '/**' }],
  [{ sub: '//*' }],
  [{ sub: 'spiffe://*' }],
  [{ sub: 'https:/*/acme' }],
  [{ sub: 'spiffe://*/ci' }],
])('%j would trust strangers', (claims) => {
  expect(anchorOf(claims)).toBeUndefined();
});

test('a rule is found by every token that it fits', () => {
  const segment = fc.constantFrom('acme', 'a', '*', '**', 'x*', 'repo:', 'https:', '', ':');
  const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  const claims = fc.dictionary(fc.constantFrom(...identifyingClaims, 'ref'), path, { minKeys: 1 });
  const fill = fc.constantFrom('', 'b', 'stripe');
  fc.assert(
    fc.property(claims, fill, (wanted, word) => {
      const said = Object.fromEntries(
        Object.entries(wanted).map(([name, pattern]) => [name, pattern.replaceAll(/\*+/g, word)]),
      );
      const anchor = anchorOf(wanted);
      expect(matchesClaims(wanted, said)).toBe(true);
      if (anchor !== undefined) expect(anchorsIn(said)).toContain(anchor);
    }),
    { numRuns: 2_000 },
  );
});
