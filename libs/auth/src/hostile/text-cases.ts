import { identityOfUser } from '../identity.js';
import { IdentityIssuer } from '../identity-issuer.js';
import { MAX_USER_TOKEN_BYTES } from '../issue-user-token.js';
import { newOpaqueSecret } from '../opaque-secret.js';
import { UserClaimsSchema } from '../user-claims.js';
import {
  encode,
  encodeText,
  forge,
  goodHeader,
  signInput,
  type Cases,
  type HostileTokenInput,
} from './forge.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Nothing is wrong with these but their spelling, their shape, or what kind of token they are. */
export function textCases(input: HostileTokenInput): Cases {
  const { key, claims } = input;
  const good = forge(key, goodHeader(key), claims);
  const [header = '', payload = '', signature = ''] = good.split('.');
  return {
    ...shapeCases(header, payload, signature),
    ...spellingCases(input, good),
    ...sizeCases(input),
    ...tamperedCases(good),
    ...otherTokens(input, good),
  };
}

function shapeCases(header: string, payload: string, signature: string): Cases {
  const good = `${header}.${payload}.${signature}`;
  return {
    'only dots': '..',
    'one dot': '.',
    'one word': 'token',
    'header only': header,
    'no signature part': `${header}.${payload}`,
    'empty signature': `${header}.${payload}.`,
    'empty payload': `${header}..${signature}`,
    'empty header': `.${payload}.${signature}`,
    'a dot in front': `.${good}`,
    'a dot behind': `${good}.`,
    'a fourth part': `${good}.${signature}`,
    'five parts (JWE)': `${header}.${signature}.${signature}.${payload}.${signature}`,
    'five empty parts': '....',
    'many dots': '.'.repeat(4000),
    'two tokens': `${good},${good}`,
    'two tokens apart': `${good} ${good}`,
    'parts out of order': `${payload}.${header}.${signature}`,
    'header twice': `${header}.${header}.${signature}`,
    'cut in half': good.slice(0, good.length / 2),
    'one character short': good.slice(0, -1),
    'one character long': `${good}A`,
    'the scheme twice': `Bearer ${good}`,
    'in quotes': `"${good}"`,
    'JSON serialisation': JSON.stringify({ protected: header, payload, signature }),
    'a detached payload': `${header}..${signature}`,
    undefined: 'undefined',
    null: 'null',
    'an object': '[object Object]',
  };
}

function spellingCases({ key, claims }: HostileTokenInput, good: string): Cases {
  const [header = '', payload = '', signature = ''] = good.split('.');
  const input = `${header}.${payload}`;
  const trailing = (flip: number): string => {
    const last = ALPHABET.indexOf(signature.slice(-1));
    return `${input}.${signature.slice(0, -1)}${ALPHABET.charAt(last ^ flip)}`;
  };
  return {
    'a space in front': ` ${good}`,
    'a space behind': `${good} `,
    'a tab behind': `${good}\t`,
    'a line break behind': `${good}\n`,
    'a null byte behind': `${good}\u0000`,
    'a null byte within': `${header}\u0000.${payload}.${signature}`,
    'a space within the signature': `${input}.${signature.slice(0, 10)} ${signature.slice(10)}`,
    'a line break within the payload, signed': signInput(
      `${header}.${payload.slice(0, 8)}\n${payload.slice(8)}`,
      key.privateKey,
    ),
    'padding behind the signature': `${good}==`,
    'padding behind the payload, signed': signInput(`${input}=`, key.privateKey),
    'padding behind the header, signed': signInput(`${header}=.${payload}`, key.privateKey),
    'plain base64 in the payload, signed': signInput(`${header}.${plainBase64(claims)}`, key.privateKey),
    'foreign characters in the signature': `${input}.${signature}!*~`,
    'a zero-width space': `${input}.\u200b${signature}`,
    'full-width dots': good.replaceAll('.', '．'),
    'a letter from another script': `${input}.${signature.slice(0, -1)}а`,
    'percent encoding': good.replaceAll('.', '%2E'),
    'trailing bits 1': trailing(1),
    'trailing bits 2': trailing(2),
    'trailing bits 4': trailing(4),
    'trailing bits 8': trailing(8),
    'all lower case': good.toLowerCase(),
    'all upper case': good.toUpperCase(),
    'payload in UTF-16, signed': signInput(
      `${header}.${Buffer.from(JSON.stringify(claims), 'utf16le').toString('base64url')}`,
      key.privateKey,
    ),
    'payload with broken UTF-8, signed': signInput(`${header}.${brokenUtf8(claims)}`, key.privateKey),
  };
}

function sizeCases({ key, claims }: HostileTokenInput): Cases {
  const filler = 'x'.repeat(MAX_USER_TOKEN_BYTES);
  return {
    'oversized by a claim, signed': forge(key, goodHeader(key), { ...claims, filler }),
    'oversized by a header': forge(key, { ...goodHeader(key), filler }, claims),
    'oversized garbage': 'A'.repeat(100_000),
    'oversized signature': `${encode(goodHeader(key))}.${encode(claims)}.${'A'.repeat(8000)}`,
    'oversized nesting': `${encodeText('['.repeat(50_000))}.e30.AA`,
  };
}

/** One character changed at many places of a good token. */
function tamperedCases(good: string): Cases {
  const cases: Record<string, string> = {};
  for (let part = 0; part < 24; part += 1) {
    const at = Math.floor((part * good.length) / 24);
    const old = good.charAt(at);
    if (old === '.') continue;
    const replaced = ALPHABET.charAt((ALPHABET.indexOf(old) + 32) % 64);
    cases[`character ${at} changed`] = good.slice(0, at) + replaced + good.slice(at + 1);
  }
  return cases;
}

function otherTokens({ key, claims, now }: HostileTokenInput, good: string): Cases {
  const identity = identityOfUser(UserClaimsSchema.parse(claims));
  const issuer = new IdentityIssuer({ signingKey: () => key, clock: () => now });
  return {
    'a service identity, even by our own key': issuer.issue(identity, 'deployments'),
    'a refresh token': newOpaqueSecret('refresh').token,
    'a robot token': newOpaqueSecret('robot').token,
    'a token within a token': forge(key, { ...goodHeader(key), cty: 'JWT' }, good),
    'a token as payload': signInput(`${encode(goodHeader(key))}.${encodeText(good)}`, key.privateKey),
    'basic credentials': Buffer.from('admin@example.com:Admin123!').toString('base64'),
  };
}

/** U+FFFF-like text makes `+` and `/` appear where base64url has `-` and `_`. */
function plainBase64(claims: HostileTokenInput['claims']): string {
  return Buffer.from(JSON.stringify({ ...claims, username: '>>>???ÿþ' }))
    .toString('base64')
    .replaceAll('=', '');
}

function brokenUtf8(claims: HostileTokenInput['claims']): string {
  const [front = '', back = ''] = JSON.stringify({ ...claims, username: 'SPLIT' }).split('SPLIT');
  return Buffer.concat([Buffer.from(front), Buffer.of(0xc3, 0x28, 0xff), Buffer.from(back)]).toString(
    'base64url',
  );
}
