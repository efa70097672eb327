import { Readable } from 'node:stream';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import {
  ArtifactRangeError,
  ArtifactStoreUnavailableError,
  readExactly,
  ReceiveError,
} from '@switchyard/artifacts';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { Handles, identityOf, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RegistryOptions } from '../registry-options.js';
import { CatalogueReader } from '../sight/catalogue-reader.js';
import type { VersionRow } from '../versions/version.store.js';
import { mustSeeVersion } from '../versions/must-see-version.js';
import { Artifacts } from './artifacts.js';
import { wantedRange } from './byte-range.js';
import { DownloadCounter } from './download-counter.js';
import { uploadArtifact } from './upload-artifact.js';
import { UploadPlaces } from './upload-places.js';

const mediaTypes = { tgz: 'application/gzip', zip: 'application/zip' } as const;

@Controller()
export class ArtifactsController {
  private readonly places: UploadPlaces;

  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(Artifacts) private readonly artifacts: Artifacts,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
    @Inject(DownloadCounter) private readonly downloads: DownloadCounter,
    @Inject(RegistryOptions) private readonly options: RegistryOptions,
  ) {
    this.places = new UploadPlaces(options.maxUploads);
  }

  @Handles(routes.uploadArtifact)
  async upload(
    @Input() { params, call, file, announcedBytes, repeated }: HandlerInput<typeof routes.uploadArtifact>,
  ): HandlerOutput<typeof routes.uploadArtifact> {
    try {
      const { store, staging } = this.artifacts;
      const { database, options, places } = this;
      const parts = { database, store, staging, options, places };
      const { plugin, version, isNew } = await uploadArtifact(parts, call, params, {
        file,
        announcedBytes,
      });
      if (!isNew) repeated();
      const { size, format, entries, uploadedAt } = artifactOf(version);
      const { checksum } = version;
      return {
        pluginId: plugin.plugin_id,
        version: params.version,
        checksum,
        size,
        format,
        entries,
        uploadedAt,
        status: plugin.status,
      };
    } catch (error) {
      throw this.told(error);
    }
  }

  @Handles(routes.downloadArtifact)
  async download(
    @Input() { params, call }: HandlerInput<typeof routes.downloadArtifact>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const row = await this.catalogue.read(identityOf(call), (sight) => mustSeeVersion(sight, params));
    const { size, format } = artifactOf(row);
    const etag = `"${row.checksum}"`;
    const headers = {
      'content-type': mediaTypes[format],
      'accept-ranges': 'bytes',
      etag,
      'repr-digest': `sha-256=:${Buffer.from(row.checksum.slice(7), 'hex').toString('base64')}:`,
      // It needs a token, so no shared cache may give it to others; whoever has it, has it for good.
      'cache-control': 'private, max-age=31536000, immutable',
      'content-disposition': `attachment; filename="${row.plugin_id}-${row.semantic_version}.${format}"`,
    };
    if (isKnown(request.headers['if-none-match'], etag)) {
      await reply.status(304).headers(headers).removeHeader('content-type').send();
      return;
    }
    if (request.method === 'HEAD') {
      // A stream: the length of any other body would replace that of the artefact.
      await reply.headers({ ...headers, 'content-length': size }).send(Readable.from([]));
      return;
    }
    const known = request.headers['if-range'];
    const range = wantedRange(
      known === undefined || known === etag ? request.headers.range : undefined,
      size,
    );
    if (range.kind === 'none')
      throw new AppError('RANGE_NOT_SATISFIABLE', `The artefact has ${size} bytes`, {
        headers: { 'content-range': `bytes */${size}` },
      });
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: size - 1 };
    const stream = await this.artifacts.store.open(row.checksum, { start, end }).catch((error: unknown) => {
      throw this.told(error);
    });
    if (!stream)
      throw new AppError('SERVICE_UNAVAILABLE', 'The bytes of this artefact are not in the store just now', {
        retryAfter: 5,
      });
    if (start === 0 && end === size - 1) this.downloads.count(row.plugin_id, row.semantic_version);
    if (range.kind === 'part')
      void reply.status(206).header('content-range', `bytes ${start}-${end}/${size}`);
    const length = end - start + 1;
    await reply.headers({ ...headers, 'content-length': length }).send(readExactly(stream, length));
  }

  private told(error: unknown): unknown {
    if (error instanceof ReceiveError && error.reason === 'too-large')
      return new AppError(
        'PAYLOAD_TOO_LARGE',
        `The artefact is larger than ${this.options.maxArtifactBytes} bytes`,
        { cause: error },
      );
    if (error instanceof ReceiveError)
      return new AppError('VALIDATION_ERROR', `${error.message}; nothing was stored`, { cause: error });
    if (error instanceof ArtifactRangeError)
      return new AppError('SERVICE_UNAVAILABLE', 'The bytes of this artefact are not whole in the store', {
        cause: error,
      });
    if (error instanceof ArtifactStoreUnavailableError)
      return new AppError('SERVICE_UNAVAILABLE', 'The artefact store cannot be reached just now', {
        retryAfter: 2,
        cause: error,
      });
    return error;
  }
}

function artifactOf(row: VersionRow) {
  if (row.artifact) return row.artifact;
  const name = `${row.plugin_id}@${row.semantic_version}`;
  throw row.binary_url === null
    ? notFound('Artefact', name)
    : new AppError('NOT_FOUND', `The artefact of ${name} is not kept here; it lies at ${row.binary_url}`);
}

const isKnown = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag));
