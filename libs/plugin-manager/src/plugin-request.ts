import { IncomingMessage } from 'node:http';
import { readIdentity, type CallerIdentity } from './read-identity.js';

/** Give it to `http.createServer` as `IncomingMessage`. */
export class PluginRequest extends IncomingMessage {
  params: Record<string, string | undefined> = {};
  /** What was read of a JSON, form or text body; `undefined` for any other, which stays a stream. */
  body: unknown = undefined;
  #url = parse('/');
  #parsedUrl = '/';

  get path(): string {
    return this.#parsed().pathname;
  }

  /** A name that occurs more than once has all its values. */
  get query(): Record<string, string | string[]> {
    const { searchParams } = this.#parsed();
    return Object.fromEntries(
      [...new Set(searchParams.keys())].map((name) => {
        const all = searchParams.getAll(name);
        return [name, all.length === 1 ? (all[0] ?? '') : all];
      }),
    );
  }

  get originalUrl(): string {
    return this.url ?? '/';
  }

  get(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** Who asks; `undefined` for somebody without a token. */
  get identity(): CallerIdentity | undefined {
    return readIdentity(this.get('x-switchyard-identity'));
  }

  #parsed(): URL {
    const url = this.url ?? '/';
    if (this.#parsedUrl !== url) {
      this.#url = parse(url);
      this.#parsedUrl = url;
    }
    return this.#url;
  }
}

/** Of what no URL can be made, such as the `*` of `OPTIONS *`, the path is `/`. */
function parse(url: string): URL {
  const absolute = url.startsWith('/') ? `http://plugin${url}` : url;
  return new URL(URL.canParse(absolute) ? absolute : 'http://plugin/');
}
