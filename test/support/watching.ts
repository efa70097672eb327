import { eventually } from '@switchyard/testing';
import type { Client } from './client.js';

export interface WatchedLine {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  resourceVersion: string | null;
  object: Record<string, unknown> | null;
}

/** Reads a watch line by line, as a client does, until it is stopped. */
export class Watching {
  readonly lines: WatchedLine[] = [];
  /** All that came, as it came. */
  text = '';
  ended = false;

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {}

  static async open(client: Client, query: string, headers: Record<string, string> = {}): Promise<Watching> {
    const abort = new AbortController();
    const response = await fetch(`${client.url}/api/v1/plugin-deployments/watch?${query}`, {
      headers: {
        ...(client.token === undefined ? {} : { authorization: `Bearer ${client.token}` }),
        ...headers,
      },
      signal: abort.signal,
    });
    const watching = new Watching(response, abort);
    if (response.ok) void watching.read();
    return watching;
  }

  get status(): number {
    return this.response.status;
  }

  get last(): string {
    return this.lines.filter(({ resourceVersion }) => resourceVersion !== null).at(-1)?.resourceVersion ?? '';
  }

  /** What happened, without what only says where the watch stands. */
  get changes(): WatchedLine[] {
    return this.lines.filter(({ type }) => type !== 'BOOKMARK');
  }

  async until(check: (watching: this) => void, ms?: number): Promise<void> {
    await eventually(() => check(this), ms);
  }

  stop(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of this.response.body as unknown as AsyncIterable<Uint8Array>) {
        const text = decoder.decode(chunk, { stream: true });
        this.text += text;
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) {
          const json = part.startsWith('data: ') ? part.slice(6) : part;
          if (json.startsWith('{')) this.lines.push(JSON.parse(json) as WatchedLine);
        }
      }
    } catch {
      // Stopped by us, or cut: `ended` tells.
    }
    this.ended = true;
  }
}
