import { scopedCookie } from './cookies.js';
import { HeaderKinds, hopByHop, namedByConnection } from './header-kinds.js';

/** What speaks for the whole origin is not one plugin's to say. */
const ofTheOrigin = new Set([
  'alt-svc',
  'clear-site-data',
  'nel',
  'public-key-pins',
  'report-to',
  'service-worker-allowed',
  'strict-transport-security',
]);
const inert =
  /^\s*(?:application\/(?:json|javascript|octet-stream|x-ndjson)|text\/(?:plain|css|javascript|event-stream)|image\/(?!svg)[\w.+-]+|font\/|audio\/|video\/)/i;

/** An origin of its own for the page, that no other page or stored token belongs to; scripts may run in it. */
const sandbox = 'sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts';

type Kind = 'keep' | 'drop' | 'cookie' | 'type' | 'connection' | 'length';
const special: Readonly<Record<string, Kind>> = {
  connection: 'connection',
  'set-cookie': 'cookie',
  'content-type': 'type',
  'content-length': 'length',
};

const kinds = new HeaderKinds<Kind>((name) => {
  const kind = special[name];
  if (kind) return kind;
  return hopByHop.has(name) || ofTheOrigin.has(name) || name.startsWith('x-switchyard-') ? 'drop' : 'keep';
});

export interface AnswerHeaders {
  /** Name and value in turn. */
  list: string[];
  contentType: string | undefined;
  length: number | undefined;
}

/** A plugin's headers as its caller may see them. `prefix` is where the plugin's own paths begin. */
export function answerHeaders(
  raw: readonly (string | Buffer)[],
  prefix: string,
  sharesOrigin: boolean,
): AnswerHeaders {
  const list: string[] = [];
  let contentType: string | undefined;
  let length: number | undefined;
  let connection: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = textOf(raw[i]);
    const value = textOf(raw[i + 1]);
    const kind = kinds.of(name);
    if (kind === 'drop') continue;
    if (kind === 'connection') {
      connection = connection === undefined ? value : `${connection},${value}`;
      continue;
    }
    if (kind === 'cookie') {
      const cookie = scopedCookie(value, prefix);
      if (cookie !== undefined) list.push(name, cookie);
      continue;
    }
    if (kind === 'type') contentType = value;
    else if (kind === 'length') length = Number(value);
    list.push(name, value);
  }
  const dropped = namedByConnection(connection);
  if (dropped) without(list, dropped);
  if (sharesOrigin && !(contentType !== undefined && inert.test(contentType)))
    list.push('Content-Security-Policy', sandbox);
  return { list, contentType, length };
}

const textOf = (word: string | Buffer | undefined): string =>
  typeof word === 'string' ? word : (word?.toString('latin1') ?? '');

function without(list: string[], names: ReadonlySet<string>): void {
  for (let i = list.length - 2; i >= 0; i -= 2)
    if (names.has((list[i] as string).toLowerCase())) list.splice(i, 2);
}
