import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ArtifactRangeError, assertRange } from '../artifact-range-error.js';
import type { ArtifactStore, ByteRange, StoredArtifact } from '../artifact-store.js';
import { ArtifactStoreUnavailableError, orUnavailable } from '../artifact-store-unavailable-error.js';
import { hexOf, isDigest, type Digest } from '../digest.js';
import { assertUnchanged, type StagedArtifact } from '../staging/staged-artifact.js';
import { readExactly } from './read-exactly.js';
import { isS3Error, isTransient } from './s3-errors.js';

export interface S3ArtifactStoreOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Without it the SDK looks where it always looks: environment, profile, instance role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Several platforms may share a bucket. */
  readonly prefix?: string;
  /** Makes the bucket when it is missing, before the first artefact. */
  readonly createBucket?: boolean;
  /** For a connection, and for silence on one. */
  readonly timeoutMs?: number;
}

const ATTEMPTS = 3;
const DEFAULT_TIMEOUT_MS = 10_000;

/** The SDK would warn on the console; what matters is in the errors. */
const nothing = (): void => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** `{prefix}sha256/ab/abcdef…` in one bucket, each artefact one object of at most 5 GB, put in one piece. */
export class S3ArtifactStore implements ArtifactStore {
  readonly kind = 's3';
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #createBucket: boolean;
  readonly #timeoutMs: number;
  #bucketReady: Promise<void> | undefined;

  constructor(options: S3ArtifactStoreOptions) {
    const timeout = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#timeoutMs = timeout;
    this.#bucket = options.bucket;
    this.#prefix = `${options.prefix ?? ''}sha256/`;
    this.#createBucket = options.createBucket ?? false;
    this.#client = new S3Client({
      endpoint: options.endpoint,
      region: options.region,
      ...(options.credentials ? { credentials: options.credentials } : {}),
      forcePathStyle: true,
      maxAttempts: ATTEMPTS,
      // We give the SHA-256 ourselves; by default the SDK would add a CRC in a trailer that not every server reads.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      logger: SILENT,
      requestHandler: { connectionTimeout: timeout, socketTimeout: timeout },
    });
  }

  async keep(staged: StagedArtifact): Promise<void> {
    const key = this.#keyOf(staged.digest);
    await assertUnchanged(staged);
    await orUnavailable('keep', async () => {
      if (this.#createBucket) await this.#bucketMade();
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#put(key, staged);
        } catch (error) {
          // The SDK cannot rewind a stream and so does not repeat this by itself.
          if (attempt === ATTEMPTS || !isTransient(error)) throw error;
        }
      }
    });
  }

  async stat(digest: Digest): Promise<{ size: number } | undefined> {
    const key = this.#keyOf(digest);
    return orUnavailable('stat', async () => {
      const found = await this.#unlessMissing(
        this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key })),
      );
      return found && { size: found.ContentLength ?? 0 };
    });
  }

  async open(digest: Digest, range?: ByteRange): Promise<Readable | undefined> {
    if (range) assertRange(range);
    const key = this.#keyOf(digest);
    const found = await this.#get(key, range).catch((error: unknown) => {
      if (range && isS3Error(error, 'InvalidRange')) throw new ArtifactRangeError(range, { cause: error });
      throw new ArtifactStoreUnavailableError('open', error);
    });
    if (found === undefined) return undefined;
    if (!(found.Body instanceof Readable) || found.ContentLength === undefined)
      throw new ArtifactStoreUnavailableError('open', new Error('the answer has no body of a known length'));
    // The SDK's own timeouts end where the body begins.
    return readExactly(found.Body, found.ContentLength, this.#timeoutMs);
  }

  /** S3 does not say whether there was something: of two that remove at once both may be told so. */
  async remove(digest: Digest): Promise<boolean> {
    const there = (await this.stat(digest)) !== undefined;
    const target = { Bucket: this.#bucket, Key: this.#keyOf(digest) };
    if (there) await orUnavailable('remove', () => this.#client.send(new DeleteObjectCommand(target)));
    return there;
  }

  async *list(): AsyncGenerator<StoredArtifact> {
    let token: string | undefined;
    do {
      const page = await orUnavailable('list', () => this.#listPage(token));
      for (const { Key = '', Size = 0, LastModified } of page?.Contents ?? []) {
        const digest = `sha256:${Key.slice(Key.lastIndexOf('/') + 1)}`;
        if (isDigest(digest) && Key === this.#keyOf(digest) && LastModified)
          yield { digest, size: Size, storedAt: LastModified };
      }
      token = page?.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Lets go of the connections. */
  close(): void {
    this.#client.destroy();
  }

  async #put(key: string, staged: StagedArtifact): Promise<void> {
    const body = createReadStream(staged.path);
    const hex = hexOf(staged.digest);
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: body,
      ContentLength: staged.size,
      ContentType: 'application/octet-stream',
      ChecksumSHA256: Buffer.from(hex, 'hex').toString('base64'),
    });
    // What is signed is then the content itself, which every server checks before it shows the object.
    command.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers['x-amz-content-sha256'] = hex;
        return next(args);
      },
      { step: 'build' },
    );
    try {
      await this.#client.send(command);
    } finally {
      body.destroy();
    }
  }

  #get(key: string, range?: ByteRange) {
    const bytes = range ? { Range: `bytes=${range.start}-${range.end}` } : {};
    return this.#unlessMissing(
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...bytes })),
    );
  }

  #listPage(token: string | undefined) {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: this.#prefix,
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    return this.#unlessMissing(this.#client.send(command));
  }

  /** A missing bucket is an empty store only where we may make it; elsewhere somebody has to be told. */
  async #unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
    return work.catch((error: unknown) => {
      if (isS3Error(error, 'NoSuchKey', 'NotFound')) return undefined;
      if (this.#createBucket && isS3Error(error, 'NoSuchBucket')) return undefined;
      throw error;
    });
  }

  /** Before the first artefact: a server that misses the bucket would cut a large one off without an answer. */
  #bucketMade(): Promise<void> {
    const making = (this.#bucketReady ??= this.#makeBucket());
    making.catch(() => (this.#bucketReady = undefined));
    return making;
  }

  async #makeBucket(): Promise<void> {
    const bucket = { Bucket: this.#bucket };
    try {
      await this.#client.send(new HeadBucketCommand(bucket));
    } catch (error) {
      if (!isS3Error(error, 'NotFound', 'NoSuchBucket')) throw error;
      await this.#client.send(new CreateBucketCommand(bucket)).catch((refusal: unknown) => {
        // Another process was faster.
        if (!isS3Error(refusal, 'BucketAlreadyOwnedByYou', 'BucketAlreadyExists')) throw refusal;
      });
    }
  }

  #keyOf(digest: Digest): string {
    const hex = hexOf(digest);
    return `${this.#prefix}${hex.slice(0, 2)}/${hex}`;
  }
}
