export type Params = Record<string, string | undefined>;

/**
 * `/users/:id` and `/files/*`. Our own, as the router that the platform uses would be a fifth of a plugin's memory and of its
 * start.
 */
export class RoutePattern {
  readonly #segments: readonly string[];

  constructor(path: string) {
    if (!path.startsWith('/')) throw new TypeError(`addRoute: path ${path} does not begin with /`);
    this.#segments = segmentsOf(path);
    const star = this.#segments.indexOf('*');
    if (star >= 0 && star < this.#segments.length - 1)
      throw new TypeError(`addRoute: path ${path} goes on behind its *`);
  }

  /** What its parameters are for that path, if it is for that path at all. */
  match(path: string): Params | undefined {
    const given = segmentsOf(path);
    const isOpen = this.#segments.at(-1) === '*';
    if (isOpen ? given.length < this.#segments.length - 1 : given.length !== this.#segments.length)
      return undefined;
    const params: Params = {};
    for (const [index, segment] of this.#segments.entries()) {
      if (segment === '*') return setParam(params, '*', given.slice(index).join('/'));
      const value = given[index] ?? '';
      if (segment.startsWith(':')) {
        if (!setParam(params, segment.slice(1), value)) return undefined;
      } else if (segment !== value) return undefined;
    }
    return params;
  }
}

/** A slash at the end makes no difference. */
const segmentsOf = (path: string): string[] => path.replace(/\/$/, '').split('/').slice(1);

function setParam(params: Params, name: string, value: string): Params | undefined {
  try {
    params[name] = decodeURIComponent(value);
    return params;
  } catch {
    return undefined;
  }
}
