import { type IncomingMessage, ServerResponse } from 'node:http';

/** Give it to `http.createServer` as `ServerResponse`. */
export class PluginResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  set(name: string, value: string | readonly string[]): this {
    this.setHeader(name, value);
    return this;
  }

  json(value: unknown): this {
    return this.#end('application/json; charset=utf-8', JSON.stringify(value) ?? 'null');
  }

  /** Text is HTML, bytes are bytes, anything else is JSON. */
  send(value: unknown): this {
    if (typeof value === 'string') return this.#end('text/html; charset=utf-8', value);
    if (value instanceof Uint8Array) return this.#end('application/octet-stream', value);
    return this.json(value);
  }

  redirect(location: string, status = 302): this {
    this.setHeader('location', location);
    return this.status(status).end();
  }

  #end(type: string, body: string | Uint8Array): this {
    if (!this.hasHeader('content-type')) this.setHeader('content-type', type);
    this.setHeader('content-length', Buffer.byteLength(body));
    return this.end(body);
  }
}
