import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { localSite, type LocalSite } from './contract/local-site.js';
import { refusedAddresses } from './contract/refused-addresses.js';
import type { OutboundOptions } from './outbound-options.js';
import { Outbound } from './outbound.js';

const MB = 1024 * 1024;
const bounds = { timeoutMs: 5_000, maxBytes: MB, maxRedirects: 3 };

describe('outbound', () => {
  let site: LocalSite;
  let seen: IncomingMessage[];
  let answer: RequestListener;
  let asked: string[];
  /** What names resolve to: each list is one answer, the last one stays. */
  let names: Map<string, (readonly string[])[]>;

  const resolver = async (hostname: string): Promise<readonly string[]> => {
    asked.push(hostname);
    const answers = names.get(hostname);
    if (!answers) throw new Error(`ENOTFOUND ${hostname}`);
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
  };
  const outbound = (options: Partial<OutboundOptions> = {}): Outbound =>
    new Outbound({ ...bounds, resolver, ...options });
  const trusting = (options: Partial<OutboundOptions> = {}): Outbound =>
    outbound({ allow: [`site.test:${site.port}`, `other.test:${site.port}`], ...options });
  const at = (path = '/', host = 'site.test'): string => `http://${host}:${site.port}${path}`;
  const reasonOf = async (work: Promise<{ bytes(): Promise<Buffer> }>): Promise<string> => {
    try {
      await (await work).bytes();
    } catch (error) {
      return (error as { reason?: string }).reason ?? String(error);
    }
    return 'fetched';
  };

  beforeEach(async () => {
    seen = [];
    asked = [];
    names = new Map([
      ['site.test', [['127.0.0.1']]],
      ['other.test', [['127.0.0.1']]],
    ]);
    answer = (_request, response) => void response.end('here');
    site = await localSite(['127.0.0.1', '::1'], (request, response) => {
      seen.push(request);
      answer(request, response);
    });
  });
  afterEach(() => site.close());

  describe('makes no connection', () => {
    const literal = (address: string): string => (address.includes(':') ? `[${address}]` : address);

    it.each(refusedAddresses)('to %s, written as such: %s', async (_what, address) => {
      expect(await reasonOf(outbound().get(`https://${literal(address)}:${site.port}/`))).toBe('address');
      expect(site.connections()).toBe(0);
      expect(asked).toEqual([]);
    });

    it.each(refusedAddresses)('to %s, behind a name: %s', async (_what, address) => {
      names.set('innocent.test', [[address]]);
      expect(await reasonOf(outbound().get(`https://innocent.test:${site.port}/`))).toBe('address');
      expect(site.connections()).toBe(0);
    });

    it.each([
      ['127.0.0.1 in decimal', '2130706433'],
      ['127.0.0.1 in hexadecimal', '0x7f000001'],
      ['127.0.0.1 in octal', '017700000001'],
      ['127.0.0.1 in octal parts', '0177.0.0.01'],
      ['127.0.0.1 in hexadecimal parts', '0x7f.0x0.0x0.0x1'],
      ['127.0.0.1 in short', '127.1'],
      ['127.0.0.1 with a dot at the end', '127.0.0.1.'],
      ['127.0.0.1 in wide digits', '\uff11\uff12\uff17.0.0.1'],
      ['127.0.0.1 with wide dots', '127\u30020\u30020\u30021'],
      ['127.0.0.1 in circled digits', '\u2460\u2461\u2466.\u24ea.\u24ea.\u2460'],
      ['127.0.0.1 with escapes', '%31%32%37.0.0.1'],
      ['zero in short', '0'],
      ['metadata in decimal', '2852039166'],
      ['metadata in octal', '0251.0376.0251.0376'],
      ['metadata mapped in hexadecimal', '[::ffff:a9fe:a9fe]'],
      ['loopback in long', '[0:0:0:0:0:0:0:1]'],
    ])('to %s', async (_what, host) => {
      expect(await reasonOf(outbound().get(`https://${host}:${site.port}/`))).toBe('address');
      expect(site.connections()).toBe(0);
    });

    it.each([
      ['http', 'http://site.test/', 'scheme'],
      ['a file', 'file:///etc/passwd', 'scheme'],
      ['data', 'data:text/plain,x', 'scheme'],
      ['ftp', 'ftp://site.test/', 'scheme'],
      ['gopher', 'gopher://site.test:6379/_FLUSHALL', 'scheme'],
      ['a script', 'javascript:alert(1)', 'scheme'],
      ['a blob', 'blob:https://site.test/x', 'scheme'],
      ['a websocket', 'wss://site.test/', 'scheme'],
      ['a name and a password', 'https://user:pw@site.test/', 'credentials'],
      ['a name', 'https://user@site.test/', 'credentials'],
      ['a host that is a name', 'https://public.test@127.0.0.1/', 'credentials'],
      ['ssh', 'https://site.test:22/', 'port'],
      ['mail', 'https://site.test:25/', 'port'],
      ['a database', 'https://site.test:5432/', 'port'],
      ['redis', 'https://site.test:6379/', 'port'],
      ['port 0', 'https://site.test:0/', 'port'],
      ['no URL', 'site.test', 'bad-url'],
      ['nothing', '', 'bad-url'],
      ['no host', 'https://', 'bad-url'],
      ['a port beyond', 'https://site.test:65536/', 'bad-url'],
      ['a line break', 'https://site.test/\r\nHost: x', 'bad-url'],
      ['a tab in the scheme', 'ht\ttps://site.test/', 'bad-url'],
      ['a space', 'https://site.test/ x', 'bad-url'],
      ['a backslash', 'https:\\\\site.test\\x', 'bad-url'],
      ['a backslash before an at', 'https://site.test\\@127.0.0.1/', 'bad-url'],
      ['a zone', 'https://[fe80::1%25eth0]/', 'bad-url'],
      ['dots only', 'https://site.test../', 'bad-url'],
      ['far too long', `https://site.test/${'x'.repeat(3_000)}`, 'bad-url'],
    ])('for %s', async (_what, url, reason) => {
      expect(await reasonOf(outbound().get(url))).toBe(reason);
      expect([site.connections(), asked]).toEqual([0, []]);
    });

    it.each([
      ['public and loopback', ['8.8.8.8', '127.0.0.1']],
      ['loopback and public', ['127.0.0.1', '8.8.8.8']],
      ['public and loopback of the other family', ['8.8.8.8', '::1']],
      ['public and what is no address', ['8.8.8.8', 'localhost']],
      ['public and an odd spelling', ['8.8.8.8', '0177.0.0.1']],
    ])('to a name with mixed addresses: %s', async (_what, addresses) => {
      names.set('mixed.test', [addresses]);
      expect(await reasonOf(outbound().get(`https://mixed.test:${site.port}/`))).toBe('address');
      expect(site.connections()).toBe(0);
    });

    it('to a name that has no address, or none in time', async () => {
      names.set('empty.test', [[]]);
      expect(await reasonOf(outbound().get('https://empty.test/'))).toBe('unresolvable');
      expect(await reasonOf(outbound().get('https://missing.test/'))).toBe('unresolvable');
      const never = outbound({ timeoutMs: 50, resolver: () => new Promise(() => undefined) });
      expect(await reasonOf(never.get('https://slow.test/'))).toBe('timeout');
    });

    it('to a private address because of an allowed one beside it, an allowed name or another port', async () => {
      const narrow = outbound({ allow: ['127.0.0.2/32', 'registry.test', 'site.test:1234'] });
      expect(await reasonOf(narrow.get(`https://127.0.0.1:${site.port}/`))).toBe('address');
      expect(await reasonOf(narrow.get(`https://site.test:${site.port}/`))).toBe('address');
      expect(await reasonOf(narrow.get(at()))).toBe('scheme');
      expect(site.connections()).toBe(0);
    });
  });

  describe('connects to what it checked and to nothing else', () => {
    it('though the name says something else a moment later', async () => {
      const elsewhere = await localSite(['127.0.0.2'], (_request, response) => void response.end('checked'));
      names.set('rebinding.test', [['127.0.0.2'], ['127.0.0.1']]);
      const url = `http://rebinding.test:${elsewhere.port}/`;
      const fetched = await outbound({ allow: [`rebinding.test:${elsewhere.port}`] }).get(url);
      expect((await fetched.bytes()).toString()).toBe('checked');
      expect([asked, elsewhere.connections(), site.connections()]).toEqual([['rebinding.test'], 1, 0]);
      await elsewhere.close();
    });

    it('and checks anew each time: what a name was before counts for nothing', async () => {
      const elsewhere = await localSite(['127.0.0.2'], (_request, response) => void response.end());
      names.set('rebinding.test', [['127.0.0.2'], ['127.0.0.1']]);
      const cautious = outbound({ allow: ['127.0.0.2/32'] });
      const url = `https://rebinding.test:${elsewhere.port}/`;
      // It is reached, and does not speak TLS.
      expect(await reasonOf(cautious.get(url))).toBe('unreachable');
      expect(await reasonOf(cautious.get(url))).toBe('address');
      expect([elsewhere.connections(), site.connections()]).toEqual([1, 0]);
      await elsewhere.close();
    });

    it('also when a redirect leads to the name', async () => {
      names.set('rebinding.test', [['127.0.0.1']]);
      const location = `https://rebinding.test:${site.port}/`;
      const elsewhere = await localSite(
        ['127.0.0.2'],
        (_request, response) => void response.writeHead(302, { location }).end(),
      );
      const cautious = outbound({ allow: ['127.0.0.2/32'] });
      expect(await reasonOf(cautious.get(`http://127.0.0.2:${elsewhere.port}/`))).toBe('address');
      expect([elsewhere.connections(), site.connections()]).toEqual([1, 0]);
      await elsewhere.close();
    });

    it('with one connection for each request, so that none outlives its check', async () => {
      const one = trusting();
      for (let n = 0; n < 3; n += 1) await (await one.get(at())).bytes();
      expect([site.connections(), asked]).toEqual([3, ['site.test', 'site.test', 'site.test']]);
    });

    it('by the name in Host and in SNI', async () => {
      await (await trusting().get(at('/path?query#fragment'))).bytes();
      expect(seen[0]!.headers.host).toBe(`site.test:${site.port}`);
      expect(seen[0]!.url).toBe('/path?query');
      const names: string[] = [];
      const tls = createTlsServer({
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      });
      tls.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
      await once(tls, 'listening');
      const { port } = tls.address() as AddressInfo;
      const request = outbound({ allow: ['127.0.0.0/8'] }).get(`https://site.test:${port}/`);
      expect(await reasonOf(request)).toBe('unreachable');
      expect(names).toEqual(['site.test']);
      tls.close();
    });
  });

  describe('fetches', () => {
    it('what is there, with status and headers, from hosts that the operator allows', async () => {
      answer = (_request, response) => void response.writeHead(404, { 'x-kind': 'text' }).end('nothing here');
      const fetched = await trusting().get(at(), {
        accept: 'text/plain',
        headers: { 'x-own': '1', Host: 'evil' },
      });
      expect(fetched).toMatchObject({ status: 404, headers: { 'x-kind': 'text' }, url: at() });
      expect((await fetched.bytes()).toString()).toBe('nothing here');
      expect(seen[0]!.headers).toMatchObject({
        accept: 'text/plain',
        'accept-encoding': 'identity',
        'x-own': '1',
        host: `site.test:${site.port}`,
      });
    });

    it.each(['127.0.0.1', '[::1]'])('from an allowed address itself: %s', async (host) => {
      const fetched = await outbound({ allow: ['127.0.0.0/8', '::1/128'] }).get(
        `http://${host}:${site.port}/`,
      );
      expect((await fetched.bytes()).toString()).toBe('here');
    });

    it('from whichever address of several answers', async () => {
      names.set('site.test', [['127.0.0.3', '::1']]);
      expect((await (await trusting().get(at())).bytes()).toString()).toBe('here');
    });
  });

  describe('follows redirects', () => {
    const redirect = (status: number, location: string) => (response: ServerResponse) =>
      void response.writeHead(status, { location }).end();
    const byPath = (routes: Record<string, (response: ServerResponse) => void>): void => {
      answer = (request, response) =>
        (routes[request.url ?? ''] ?? ((r: ServerResponse) => void r.end('end')))(response);
    };

    it.each([301, 302, 303, 307, 308])('of status %s', async (status) => {
      byPath({ '/': redirect(status, '/end?x=1') });
      const fetched = await trusting().get(at());
      expect(fetched.url).toBe(at('/end?x=1'));
      expect((await fetched.bytes()).toString()).toBe('end');
    });

    it('to another host, and takes no secrets there', async () => {
      byPath({ '/': redirect(302, at('/end', 'other.test')) });
      const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'x-own': '1' };
      await (await trusting().get(at(), { headers })).bytes();
      expect(seen.map((request) => request.headers.authorization)).toEqual(['Bearer x', undefined]);
      expect(seen.map((request) => request.headers.cookie)).toEqual(['a=b', undefined]);
      expect(seen[1]!.headers['x-own']).toBe('1');
    });

    it('as often as allowed and not once more', async () => {
      byPath({ '/': redirect(302, '/1'), '/1': redirect(302, '/2'), '/2': redirect(302, '/3') });
      expect(await reasonOf(trusting().get(at()))).toBe('fetched');
      expect(await reasonOf(trusting({ maxRedirects: 2 }).get(at()))).toBe('too-many-redirects');
      byPath({ '/': redirect(302, '/') });
      expect(await reasonOf(trusting().get(at()))).toBe('too-many-redirects');
      expect(await reasonOf(trusting({ maxRedirects: 0 }).get(at()))).toBe('too-many-redirects');
    });

    it.each([
      ['loopback', 'https://127.0.0.1/', 'address'],
      ['loopback by its name', 'https://localhost.test/', 'address'],
      ['loopback over http', 'http://127.0.0.1/', 'scheme'],
      ['metadata', 'https://169.254.169.254/latest/meta-data/', 'address'],
      ['loopback without a scheme', '//127.0.0.1/', 'scheme'],
      ['a file', 'file:///etc/passwd', 'scheme'],
      ['data', 'data:text/html,x', 'scheme'],
      ['a script', 'javascript:alert(1)', 'scheme'],
      ['ftp', 'ftp://site.test/', 'scheme'],
      ['credentials', 'https://user:pw@site.test/', 'credentials'],
      ['ssh', 'https://other.test:22/', 'port'],
      ['nowhere', 'https://', 'bad-redirect'],
      ['a host that is none', 'https://[::1/', 'bad-redirect'],
    ])('but not to %s', async (_what, location, reason) => {
      names.set('localhost.test', [['127.0.0.1']]);
      byPath({ '/': redirect(302, location) });
      expect(await reasonOf(trusting().get(at()))).toBe(reason);
      expect(site.connections()).toBe(1);
    });

    it('but not to one of two places at once', async () => {
      answer = (_request, response) =>
        void response.writeHead(302, ['location', '/a', 'location', '/b']).end();
      expect(await reasonOf(trusting().get(at()))).toBe('bad-redirect');
    });

    it('and answers one that leads nowhere as it is', async () => {
      answer = (_request, response) => void response.writeHead(302).end('no location');
      const fetched = await trusting().get(at());
      expect([fetched.status, (await fetched.bytes()).toString()]).toEqual([302, 'no location']);
    });
  });

  describe('takes only so much', () => {
    it('of a size that is announced, without reading it', async () => {
      answer = (_request, response) => void response.writeHead(200, { 'content-length': MB + 1 }).write('x');
      expect(await reasonOf(trusting().get(at()))).toBe('too-large');
    });

    it('of a size that is not', async () => {
      let sent = 0;
      answer = (_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
          response.once('drain', more);
        };
        more();
      };
      expect(await reasonOf(trusting().get(at()))).toBe('too-large');
      expect(sent).toBeLessThan(64 * MB);
    });

    it('and no more than one request asks for', async () => {
      answer = (_request, response) => void response.end('x'.repeat(100));
      expect(await reasonOf(trusting().get(at(), { maxBytes: 99 }))).toBe('too-large');
      expect(await reasonOf(trusting().get(at(), { maxBytes: 100 }))).toBe('fetched');
    });

    it.each(['gzip', 'br', 'deflate', 'zstd', 'identity, gzip', 'unknown', 'GZIP'])(
      'and nothing coded: %s',
      async (coding) => {
        answer = (_request, response) =>
          void response.writeHead(200, { 'content-encoding': coding }).end(gzipSync('x'));
        expect(await reasonOf(trusting().get(at()))).toBe('coding');
      },
    );

    it('but what is said to be as it is', async () => {
      answer = (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'identity' }).end('x');
      expect(await reasonOf(trusting().get(at()))).toBe('fetched');
    });
  });

  describe('waits only so long', () => {
    const hasty = (): Outbound => trusting({ timeoutMs: 300 });

    it('for headers', async () => {
      answer = () => undefined;
      expect(await reasonOf(hasty().get(at()))).toBe('timeout');
    });

    it('for a body that drips', async () => {
      let drip: NodeJS.Timeout | undefined;
      answer = (_request, response) => {
        drip = setInterval(() => response.write('x'), 10);
      };
      expect(await reasonOf(hasty().get(at()))).toBe('timeout');
      clearInterval(drip);
    });

    it('for all redirects together', async () => {
      const patient = trusting({ timeoutMs: 300, maxRedirects: 1_000 });
      answer = (_request, response) =>
        void setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40);
      expect(await reasonOf(patient.get(at()))).toBe('timeout');
    });

    it('for a reader who does not read', async () => {
      answer = (_request, response) => void response.end(Buffer.alloc(MB));
      const { body } = await hasty().get(at());
      await expect(once(body, 'close')).rejects.toMatchObject({ reason: 'timeout' });
    });

    it('and tells a body that was cut from a whole one', async () => {
      answer = (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
      };
      expect(await reasonOf(trusting().get(at()))).toBe('cut-short');
    });
  });
});
