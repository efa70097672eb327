/** An answer of the platform that the demo has no use for. */
export class DemoProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The public API, as anybody has it. */
export class DemoClient {
  private constructor(
    private readonly url: string,
    private readonly token: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  static async signIn(
    url: string,
    who: { username: string; password: string },
    signal: AbortSignal,
  ): Promise<DemoClient> {
    const anonymous = new DemoClient(url, undefined, signal);
    const { token } = await anonymous.ask<{ token: string }>('POST', '/api/v1/authentication/login', who);
    return new DemoClient(url, token, signal);
  }

  async ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await this.send(method, path, {
      ...(body === undefined ? {} : { body: JSON.stringify(body), type: 'application/json' }),
    });
    const text = await response.text();
    if (!response.ok) throw new DemoProblem(response.status, messageOf(text, `${method} ${path}`, response));
    return JSON.parse(text) as Body;
  }

  async upload(path: string, bytes: Buffer): Promise<void> {
    const response = await this.send('PUT', path, { body: new Uint8Array(bytes), type: 'application/gzip' });
    const text = await response.text();
    if (!response.ok) throw new DemoProblem(response.status, messageOf(text, `PUT ${path}`, response));
  }

  /** The status of a request to a plugin, and what it says of its version. */
  async call(path: string): Promise<{ status: number; version: string | undefined }> {
    const response = await this.send('GET', path, {});
    const text = await response.text();
    return { status: response.status, version: /"version":"([^"]+)"/.exec(text)?.[1] };
  }

  private send(
    method: string,
    path: string,
    { body, type }: { body?: string | Uint8Array<ArrayBuffer>; type?: string },
  ): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
      signal: this.signal,
    });
  }
}

function messageOf(text: string, asked: string, { status }: Response): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return `${asked} answered ${status}: ${error?.message ?? text}`;
  } catch {
    return `${asked} answered ${status}: ${text.slice(0, 200)}`;
  }
}
