import { forge, forgeText, goodHeader, show, type Cases, type HostileTokenInput } from './forge.js';

/** All of these carry a correct signature by the right key: only the claims are wrong. */
export function claimCases(input: HostileTokenInput): Cases {
  const { key, claims } = input;
  const cases: Record<string, string> = {};
  const variations = { ...timeValues(input.now), ...addressValues(input), ...PERSON_VALUES };
  for (const [claim, values] of Object.entries(variations)) {
    for (const value of [...values, undefined]) {
      cases[`${claim} is ${show(value)}`] = forge(key, goodHeader(key), { ...claims, [claim]: value });
    }
  }
  return { ...cases, ...combinedCases(input), ...robotCases(input), ...rawPayloadCases(input) };
}

function timeValues(nowMs: number): Record<string, readonly unknown[]> {
  const now = Math.floor(nowMs / 1000);
  const wrongTypes = [
    String(now + 60),
    null,
    true,
    [now + 60],
    {},
    '',
    new Date(nowMs).toISOString(),
    -1,
    -(2 ** 53),
  ];
  const huge = [2 ** 53, 2 ** 63, 1e300, nowMs + 60_000, now + 10 * 365 * 86_400];
  return {
    exp: [...wrongTypes, ...huge, 0, 1, now - 3600, now - 6, now + 60.5],
    nbf: [...wrongTypes, ...huge, now + 60, now + 6, now + 0.5],
    iat: [...wrongTypes, ...huge, now + 60, now + 6, now - 0.5, 0],
  };
}

function addressValues({ issuer, audience }: HostileTokenInput): Record<string, readonly unknown[]> {
  const near = (text: string): unknown[] => [
    `${text}/`,
    `${text} `,
    `${text}\u0000`,
    text.toUpperCase() === text ? text.toLowerCase() : text.toUpperCase(),
    `${text}.attacker.example`,
    [text],
    { toString: text },
    '',
    null,
    1,
    '*',
    '.*',
  ];
  return {
    iss: [...near(issuer), 'switchyard-gateway', 'https://attacker.example'],
    aud: [...near(audience), [audience, 'other'], ['other', audience], [[audience]], [], 'deployments'],
  };
}

const PERSON_VALUES: Record<string, readonly unknown[]> = {
  sub: ['', null, 1, ['u'], { $gt: '' }, 'x'.repeat(257), 'trust:rule-1', 'robot:1'],
  jti: ['', null, 1, ['j']],
  sid: ['', null, 1, ['s']],
  gen: ['', null, '0', -1, 0.5, [0], 2 ** 53],
  username: ['', null, 1, ['root']],
  role: [
    '',
    'platformadmin',
    'PlatformAdmin ',
    'Admin',
    'root',
    null,
    1,
    ['PlatformAdmin'],
    { name: 'PlatformAdmin' },
  ],
  tenant: ['', 1, ['acme'], { $ne: null }, 'x'.repeat(64)],
  publishers: [null, 'acme', [1], [null], [['acme']], { 0: 'acme', length: 1 }, Array(101).fill('p')],
  kind: ['', 'robot', 'service', 'refresh', 'id', null, 1, ['user']],
};

function combinedCases({ key, claims, now }: HostileTokenInput): Cases {
  const seconds = Math.floor(now / 1000);
  const withClaims = (changes: object): string => forge(key, goodHeader(key), { ...claims, ...changes });
  return {
    'a platform admin of one tenant': withClaims({ role: 'PlatformAdmin', tenant: 'acme' }),
    'a tenant admin of no tenant': withClaims({ role: 'TenantAdmin', tenant: null }),
    'exp before iat': withClaims({ iat: seconds, exp: seconds - 1, nbf: seconds - 2 }),
    'exp equal to iat': withClaims({ iat: seconds, nbf: seconds, exp: seconds }),
    'nbf after exp': withClaims({ nbf: seconds + 2, exp: seconds + 1, iat: seconds }),
    'a life of ten years': withClaims({ iat: seconds, nbf: seconds, exp: seconds + 315_360_000 }),
    'no claims': forge(key, goodHeader(key), {}),
    'a list of claims': forge(key, goodHeader(key), [claims]),
    'claims within claims': forge(key, goodHeader(key), { claims }),
    'claims as a string': forge(key, goodHeader(key), JSON.stringify(claims)),
    'null for claims': forge(key, goodHeader(key), null),
    'true for claims': forge(key, goodHeader(key), true),
  };
}

/** What a person's claims would have to say to be those of a robot that an outside token was exchanged for. */
export function robotClaims({ claims }: Pick<HostileTokenInput, 'claims'>): Record<string, unknown> {
  const { sid: _sid, ...rest } = claims;
  const standing = {
    role: 'PluginDeveloper',
    tenant: null,
    publishers: ['acme'],
    username: 'ci:acme/release',
  };
  return { ...rest, ...standing, kind: 'robot', sub: 'trust:rule-1', gen: 0 };
}

function robotCases(input: HostileTokenInput): Cases {
  const { key } = input;
  const good = robotClaims(input);
  const withClaims = (changes: object): string => forge(key, goodHeader(key), { ...good, ...changes });
  const subjects = [
    '',
    'user-1',
    'robot:1',
    'trust:',
    'trust:a b',
    'trust:A',
    'Trust:rule-1',
    ' trust:rule-1',
    1,
  ];
  return {
    ...Object.fromEntries(subjects.map((sub) => [`a robot whose sub is ${show(sub)}`, withClaims({ sub })])),
    ...Object.fromEntries(
      [undefined, null, -1, 0.5, '0'].map((gen) => [
        `a robot whose gen is ${show(gen)}`,
        withClaims({ gen }),
      ]),
    ),
    'a robot with a session': withClaims({ sid: 'session-1' }),
    'a robot with no session, said aloud': withClaims({ sid: null }),
    'a robot that is a PlatformAdmin': withClaims({ role: 'PlatformAdmin' }),
    'a robot that is a PlatformAdmin of a tenant': withClaims({ role: 'PlatformAdmin', tenant: 'acme' }),
    'a robot that is an admin of no tenant': withClaims({ role: 'TenantAdmin' }),
    'a robot with a scope': withClaims({ scope: ['*'] }),
    'a robot with a claim that we do not know': withClaims({ repository: 'acme/stripe' }),
    "a robot's claims, called a user's": withClaims({ kind: 'user' }),
    "a robot's claims with a session, called a user's": withClaims({ kind: 'user', sid: 'session-1' }),
    "a robot's claims, called a service's": withClaims({ kind: 'service' }),
    "a robot's claims without a kind": withClaims({ kind: undefined }),
    'a robot twice': withClaims({ kind: ['robot'] }),
  };
}

function rawPayloadCases({ key, claims }: HostileTokenInput): Cases {
  const good = JSON.stringify(claims);
  const header = JSON.stringify(goodHeader(key));
  const raw = (payload: string): string => forgeText(key, header, payload);
  const appended = (member: string): string => raw(`${good.slice(0, -1)},${member}}`);
  const exp = `"exp":${String(claims['exp'])}`;
  return {
    'role twice': appended('"role":"PlatformAdmin"'),
    'sub twice': appended('"sub":"root"'),
    'exp twice': appended('"exp":99999999999'),
    'role twice, once with an escape': appended('"\\u0072ole":"PlatformAdmin"'),
    'white space': raw(good.replace('{', '{ ')),
    'a line break at the end': raw(`${good}\n`),
    'a null byte at the end': raw(`${good}\u0000`),
    'a null byte in front': raw(`\u0000${good}`),
    'a byte order mark': raw(`\uFEFF${good}`),
    'a second document': raw(`${good}{}`),
    'a comment': raw(`${good}/**/`),
    'a trailing comma': raw(`${good.slice(0, -1)},}`),
    'exp with an exponent': raw(good.replace(exp, `${exp}e0`)),
    'exp with a fraction of nought': raw(good.replace(exp, `${exp}.0`)),
    'exp is NaN': raw(good.replace(exp, '"exp":NaN')),
    'exp is 1e999': raw(good.replace(exp, '"exp":1e999')),
    'cut off': raw(good.slice(0, -1)),
    'not JSON': raw('sub=root&role=PlatformAdmin'),
    'deep nesting': appended(`"x":${'['.repeat(5000)}${']'.repeat(5000)}`),
  };
}
