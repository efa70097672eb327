import { exportSigningKey } from '../signing-key.js';
import { forge, forgeText, goodHeader, show, type Cases, type HostileTokenInput } from './forge.js';

const HOSTILE_KIDS: readonly unknown[] = [
  '',
  '../../../../dev/null',
  '/dev/null',
  'file:///etc/passwd',
  "' OR '1'='1",
  "x' UNION SELECT 'secret' --",
  '$(id)',
  '| id',
  '__proto__',
  'constructor',
  'toString',
  '*',
  '%00',
  'a'.repeat(2000),
  null,
  0,
  1,
  true,
  {},
  { $ne: null },
];

/** Embedded keys and pointers to keys; each signed by the key that it brings along. */
export function headerCases(input: HostileTokenInput): Cases {
  const { key, otherKey, claims } = input;
  const good = goodHeader(key);
  const byOther = (header: object): string => forge(otherKey, { ...good, ...header }, claims);
  const byUs = (header: object): string => forge(key, { ...good, ...header }, claims);
  const x5c = [otherKey.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')];
  const extra: Cases = {
    'jwk of the attacker': byOther({ jwk: otherKey.publicJwk }),
    'jwk of the attacker with our kid in it': byOther({ jwk: { ...otherKey.publicJwk, kid: key.kid } }),
    'jwk of the attacker under its own kid': byOther({ kid: otherKey.kid, jwk: otherKey.publicJwk }),
    'symmetric jwk': byOther({ jwk: { kty: 'oct', k: 'AA' } }),
    jku: byOther({ jku: 'https://attacker.example/jwks.json' }),
    'jku to the metadata service': byOther({ jku: 'http://169.254.169.254/latest/meta-data' }),
    'jku that looks like ours': byOther({ jku: `${input.issuer}@attacker.example/jwks.json` }),
    x5u: byOther({ x5u: 'https://attacker.example/cert.pem' }),
    x5c: byOther({ x5c }),
    x5t: byOther({ x5t: 'AAAA', 'x5t#S256': 'AAAA' }),
    'jwk beside a good signature': byUs({ jwk: key.publicJwk }),
    'jku beside a good signature': byUs({ jku: 'https://attacker.example' }),
    'x5u beside a good signature': byUs({ x5u: 'https://attacker.example' }),
    'x5c beside a good signature': byUs({ x5c }),
    'crit with an unknown extension': byUs({ crit: ['exp-is-optional'], 'exp-is-optional': true }),
    'crit that is empty': byUs({ crit: [] }),
    'crit that names alg': byUs({ crit: ['alg'] }),
    'b64 false': byUs({ b64: false, crit: ['b64'] }),
    'b64 false, not critical': byUs({ b64: false }),
    'b64 true': byUs({ b64: true }),
    'zip (compressed payload)': byUs({ zip: 'DEF' }),
    'enc (an encrypted token)': byUs({ enc: 'A256GCM' }),
    'cty JWT': byUs({ cty: 'JWT' }),
    'an unknown member': byUs({ x: 1 }),
  };
  return { ...extra, ...typCases(byUs), ...kidCases(input), ...rawHeaderCases(input) };
}

function typCases(byUs: (header: object) => string): Cases {
  const types = [
    'JWT',
    'jwt',
    'AT+JWT',
    'at+jwt ',
    'application/at+jwt',
    'svc+jwt',
    'JOSE',
    '',
    null,
    1,
    ['at+jwt'],
    undefined,
  ];
  return Object.fromEntries(types.map((typ) => [`typ is ${show(typ)}`, byUs({ typ })]));
}

function kidCases({ key, otherKey, claims }: HostileTokenInput): Cases {
  const withKid = (kid: unknown): string => forge(key, { ...goodHeader(key), kid }, claims);
  const kids = [
    ...HOSTILE_KIDS,
    [key.kid],
    `${key.kid} `,
    `${key.kid}\u0000`,
    `./${key.kid}`,
    key.kid.toLowerCase() + '_',
  ];
  return {
    ...Object.fromEntries(kids.map((kid) => [`kid is ${show(kid)}`, withKid(kid)])),
    'kid is missing': withKid(undefined),
    'kid of another key, signed by us': withKid(otherKey.kid),
    'our kid, signed by another key': forge(otherKey, goodHeader(key), claims),
    'another key under its own kid': forge(otherKey, goodHeader(otherKey), claims),
    'kid is a private key': forge(otherKey, { ...goodHeader(key), kid: exportSigningKey(otherKey) }, claims),
  };
}

function rawHeaderCases({ key, claims }: HostileTokenInput): Cases {
  const payload = JSON.stringify(claims);
  const { kid } = key;
  const raw = (header: string): string => forgeText(key, header, payload);
  return {
    'alg twice, none last': raw(`{"alg":"ES256","kid":"${kid}","typ":"at+jwt","alg":"none"}`),
    'alg twice, none first': raw(`{"alg":"none","alg":"ES256","kid":"${kid}","typ":"at+jwt"}`),
    'kid twice': raw(`{"alg":"ES256","kid":"x","kid":"${kid}","typ":"at+jwt"}`),
    'alg spelled with an escape': raw(`{"\\u0061lg":"ES256","kid":"${kid}","typ":"at+jwt"}`),
    'white space': raw(`{ "alg": "ES256", "kid": "${kid}", "typ": "at+jwt" }`),
    'a byte order mark': raw(`\uFEFF${JSON.stringify(goodHeader(key))}`),
    'a null byte at the end': raw(`${JSON.stringify(goodHeader(key))}\u0000`),
    'a list': raw(JSON.stringify([goodHeader(key)])),
    null: raw('null'),
    'a string': raw('"ES256"'),
    'a number': raw('1'),
    'an empty object': raw('{}'),
    'not JSON': raw('alg=ES256'),
    'a __proto__ member': raw(`{"alg":"ES256","kid":"${kid}","typ":"at+jwt","__proto__":{"x":1}}`),
    'deep nesting': raw(`{"alg":${'['.repeat(800)}${']'.repeat(800)},"kid":"${kid}","typ":"at+jwt"}`),
  };
}
