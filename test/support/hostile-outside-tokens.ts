import { createHmac, generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { outsideAudience, type OutsideIssuer } from './outside-issuer.js';

type Changes = Record<string, unknown>;

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Any header, any payload, signed as ES256 does: what no library would let one make. */
const es256 = (key: CryptoKey, input: string, hash = 'sha256'): string =>
  sign(hash, Buffer.from(input), { key: KeyObject.from(key), dsaEncoding: 'ieee-p1363' }).toString(
    'base64url',
  );

/** Published by the issuer beside its own key, and each of them no key to believe. */
export async function badKeys(): Promise<{ published: JWK[]; weakRsa: KeyObject; named: CryptoKey }> {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    weakRsa: weak.privateKey,
    named: privateKey,
    published: [
      { kty: 'oct', k: encode('a secret that everybody knows'), kid: 'shared' },
      { ...(weak.publicKey.export({ format: 'jwk' }) as JWK), kid: 'weak' },
      { ...(await exportJWK(privateKey)), kid: 'private' },
      { ...jwk, kid: 'encrypting', use: 'enc' },
      { ...jwk, kid: 'for-es384', alg: 'ES384' },
      { ...jwk, kid: 'twice' },
      { ...jwk, kid: 'twice' },
      jwk,
    ],
  };
}

export interface HostileSetting {
  issuer: OutsideIssuer;
  /** Trusted as an issuer, by no rule; its key has the same name. */
  otherIssuer: OutsideIssuer;
  /** Known, and disabled. */
  disabledIssuer: OutsideIssuer;
  bad: Awaited<ReturnType<typeof badKeys>>;
  /** Nobody may ask here. */
  trap: string;
  /** Tokens of ours. */
  ours: Record<string, string>;
}

/** Tokens of which none may be exchanged, by what is wrong with them. */
export async function hostileOutsideTokens(setting: HostileSetting): Promise<Map<string, string>> {
  const { issuer } = setting;
  const good = { alg: 'ES256', kid: issuer.kid, typ: 'JWT' };
  const make = (header: unknown, payload: unknown, key = issuer.key): string => {
    const input = `${encode(header)}.${encode(payload)}`;
    return `${input}.${es256(key, input)}`;
  };
  const headers = (changes: Changes) => make({ ...good, ...changes }, issuer.claims());
  const claims = (changes: Changes) => make(good, issuer.claims(changes));
  const cases = new Map<string, string>();
  const add = (group: string, tokens: Record<string, string>) => {
    for (const [name, token] of Object.entries(tokens)) cases.set(`${group}: ${name}`, token);
  };
  add('algorithm', await algorithms(issuer, setting.bad, good));
  add('header', headerCases(setting, headers, make, good));
  add('claims', claimCases(setting, claims));
  add('text', textCases(setting, make(good, issuer.claims()), make, good));
  return cases;
}

async function algorithms(issuer: OutsideIssuer, bad: HostileSetting['bad'], good: object) {
  const cases: Record<string, string> = {};
  const input = (header: object) => `${encode({ ...good, ...header })}.${encode(issuer.claims())}`;
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, 0, ['ES256']]) {
    cases[`${JSON.stringify(alg)}, unsigned`] = `${input({ alg })}.`;
    cases[`${JSON.stringify(alg)}, signed`] = `${input({ alg })}.${es256(issuer.key, input({ alg }))}`;
  }
  for (const alg of ['es256', 'ES512', 'ES256K', 'RS256', 'RS512', 'PS384', 'EdDSA', 'Ed25519', 'ML-DSA-44'])
    cases[`${alg}, signed as ES256`] = `${input({ alg })}.${es256(issuer.key, input({ alg }))}`;
  cases['ES384 by a P-256 key'] =
    `${input({ alg: 'ES384' })}.${es256(issuer.key, input({ alg: 'ES384' }), 'sha384')}`;
  const publicKey = (await importJWK(issuer.publicJwk, 'ES256')) as CryptoKey;
  const secrets = {
    'the public key as PEM': await exportSPKI(publicKey),
    'the public key as JWK': JSON.stringify(issuer.publicJwk),
    nothing: '',
    'the key that everybody knows': 'a secret that everybody knows',
  };
  for (const [name, secret] of Object.entries(secrets))
    for (const kid of [issuer.kid, 'shared'])
      cases[`HS256 with ${name}, by ${kid}`] = `${input({ alg: 'HS256', kid })}.${createHmac('sha256', secret)
        .update(input({ alg: 'HS256', kid }))
        .digest('base64url')}`;
  const weak = input({ alg: 'RS256', kid: 'weak' });
  cases['RS256 by a published key of 1024 bits'] =
    `${weak}.${sign('sha256', Buffer.from(weak), bad.weakRsa).toString('base64url')}`;
  return cases;
}

function headerCases(
  { issuer, otherIssuer, bad, trap }: HostileSetting,
  headers: (changes: Changes) => string,
  make: (header: unknown, payload: unknown, key?: CryptoKey) => string,
  good: object,
): Record<string, string> {
  const byOther = (changes: Changes) => make({ ...good, ...changes }, issuer.claims(), otherIssuer.key);
  const byBad = (kid: unknown) => make({ ...good, kid }, issuer.claims(), bad.named);
  const kids = [
    '',
    ' ',
    'unheard-of',
    '../outside-1',
    '__proto__',
    'x'.repeat(600),
    null,
    1,
    ['outside-1'],
    {},
  ];
  const types = ['', 'logout+jwt', 'dpop+jwt', 'secevent+jwt', 'JOSE', 'id_token', 1, null, ['JWT']];
  return {
    ...Object.fromEntries(
      kids.map((kid) => [`kid is ${JSON.stringify(kid).slice(0, 30)}`, headers({ kid })]),
    ),
    ...Object.fromEntries(types.map((typ) => [`typ is ${JSON.stringify(typ)}`, headers({ typ })])),
    'no kid': headers({ kid: undefined }),
    'the key of another issuer, of the same name': byOther({}),
    'a key that the token brings along': byOther({ jwk: otherIssuer.publicJwk }),
    'a key that the token brings along, under an unknown name': byOther({
      jwk: otherIssuer.publicJwk,
      kid: 'x',
    }),
    'an address for the key': byOther({ jku: `${trap}/keys` }),
    'an address for the certificate': byOther({ x5u: `${trap}/certificate` }),
    'a certificate': byOther({ x5c: ['AAAA'] }),
    'the right key, brought along': headers({ jwk: issuer.publicJwk }),
    'an address beside the right key': headers({ jku: `${trap}/keys` }),
    'something critical': headers({ crit: ['exp'], exp: 1 }),
    'a payload that is not encoded': headers({ b64: false, crit: ['b64'] }),
    'a compressed payload': headers({ zip: 'DEF' }),
    'an encrypted payload': headers({ enc: 'A256GCM' }),
    'a published private key': byBad('private'),
    'a published key for encryption': byBad('encrypting'),
    'a published key for another algorithm': byBad('for-es384'),
    'a published key whose name two have': byBad('twice'),
    'a published key without a name': byBad(undefined),
  };
}

function claimCases(
  { issuer, otherIssuer, disabledIssuer, trap }: HostileSetting,
  claims: (changes: Changes) => string,
): Record<string, string> {
  const now = Math.floor(Date.now() / 1000);
  const values: Record<string, readonly unknown[]> = {
    iss: [
      `${issuer.url}/`,
      issuer.url.toUpperCase(),
      `${issuer.url}@evil.example`,
      `${issuer.url}?x`,
      otherIssuer.url,
      disabledIssuer.url,
      trap,
      'https://evil.example',
      [issuer.url],
      { url: issuer.url },
      '',
      null,
      1,
      undefined,
    ],
    aud: [
      `${outsideAudience}/`,
      outsideAudience.toUpperCase(),
      'evil.example',
      ['evil.example'],
      [[outsideAudience]],
      { 0: outsideAudience },
      [],
      '',
      null,
      1,
      '*',
      undefined,
    ],
    exp: [
      now - 61,
      now - 1,
      now,
      0,
      -1,
      String(now + 600),
      null,
      [now + 600],
      undefined,
      now + 90_000,
      1e300,
    ],
    iat: [now + 120, String(now), null, undefined, -1, now - 90_000, now + 7_200],
    nbf: [now + 120, String(now), null, {}],
    repository: [
      'acme/other',
      'Acme/stripe',
      'acme/stripe ',
      'acme/stripe\u0000',
      'evil/acme/stripe',
      'acme',
      '*',
      '**',
      'acme/*',
      [['acme/stripe']],
      ['acme/other'],
      { 0: 'acme/stripe' },
      { toString: 'acme/stripe' },
      null,
      true,
      '',
      undefined,
    ],
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, list]) =>
      list.map((value) => [`${name} is ${JSON.stringify(value) ?? 'missing'}`, claims({ [name]: value })]),
    ),
  );
}

function textCases(
  { issuer, ours }: HostileSetting,
  token: string,
  make: (header: unknown, payload: unknown) => string,
  good: object,
): Record<string, string> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const changed = encode({ ...issuer.claims(), repository: 'acme/stripe', extra: 1 });
  return {
    ...ours,
    'only dots': '..',
    'no signature part': `${header}.${payload}`,
    'an empty signature': `${header}.${payload}.`,
    'a signature of nothing': `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    'half a signature': `${header}.${payload}.${signature.slice(0, 40)}`,
    'another payload': `${header}.${changed}.${signature}`,
    'five parts': `${header}.${signature}.${signature}.${payload}.${signature}`,
    'a space in front': ` ${token}`,
    'a line break behind': `${token}\n`,
    'the scheme before it': `Bearer ${token}`,
    'padding behind it': `${token}==`,
    'two tokens': `${token},${token}`,
    'JSON serialisation': JSON.stringify({ protected: header, payload, signature }),
    'a list for claims': make(good, [issuer.claims()]),
    'null for claims': make(good, null),
    'text for claims': make(good, '"x"'),
    'no JSON for claims': make(good, 'repository=acme/stripe'),
    'a list for a header': make([good], issuer.claims()),
    'more than 16 KiB': make(good, issuer.claims({ filler: 'x'.repeat(17_000) })),
    'a deep nesting': make(good, `{"x":${'['.repeat(3_000)}${']'.repeat(3_000)}}`),
  };
}
