import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Inject, Param, Redirect, Res } from '@nestjs/common';
import { AppError } from '@switchyard/errors';
import type { FastifyReply } from 'fastify';
import { KnownState } from '../known/known-state.js';
import { openApiDocument } from '../openapi/document.js';
import { GatewayReadiness } from './gateway-readiness.js';

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const assets: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
const docsPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Switchyard API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png"></head>
<body><main id="docs"></main><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/init.js"></script></body>
</html>
`;
const docsScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, persistAuthorization: false, validatorUrl: null });\n`;

/** What anybody may see without a token: whether the gateway lives, its keys and its documentation. */
@Controller()
export class RootController {
  private readonly contents = new Map<string, Promise<Buffer>>();
  private readonly document = JSON.stringify(openApiDocument());

  constructor(
    @Inject(KnownState) private readonly known: KnownState,
    @Inject(GatewayReadiness) private readonly readiness: GatewayReadiness,
  ) {}

  @Get()
  @Redirect('/docs', 302)
  home(): void {}

  @Get('health')
  @Header('cache-control', 'no-store')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const parts = await this.readiness.check();
    const ready = parts.every((part) => part.ready);
    await reply
      .header('cache-control', 'no-store')
      .status(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not ready', parts });
  }

  @Get('.well-known/jwks.json')
  @Header('cache-control', 'public, max-age=60')
  jwks(): { keys: unknown[] } {
    return { keys: this.known.jwks() };
  }

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  openapi(): string {
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', docsPolicy)
  docs(): string {
    return docsPage;
  }

  @Get('docs/init.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  docsInit(): string {
    return docsScript;
  }

  /** Read once: whoever asks a thousand times and never reads an answer holds the same bytes a thousand times. */
  private contentOf(asset: string): Promise<Buffer> {
    const content = this.contents.get(asset) ?? readFile(join(swaggerFolder, asset));
    this.contents.set(asset, content);
    return content;
  }

  @Get('docs/:asset')
  async asset(@Param('asset') asset: string, @Res() reply: FastifyReply): Promise<void> {
    const type = assets.get(asset);
    if (!type) throw new AppError('NOT_FOUND', 'There is nothing at this address');
    await reply
      .header('content-type', type)
      .header('cache-control', 'public, max-age=3600')
      .send(await this.contentOf(asset));
  }
}
