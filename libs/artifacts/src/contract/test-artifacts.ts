import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Digest } from '../digest.js';
import type { StagedArtifact } from '../staging/staged-artifact.js';
import type { Staging } from '../staging/staging.js';

export const MB = 1024 * 1024;

export const digestOf = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const stage = (staging: Staging, bytes: Uint8Array): Promise<StagedArtifact> =>
  staging.receive(Readable.from([bytes]), { maxBytes: bytes.length });

export const read = async (stream: Readable | undefined): Promise<Buffer | undefined> =>
  stream && (await buffer(stream));

/** A body of many megabytes of which only one chunk exists at a time; `each` is called at every megabyte. */
export function bigBody(megabytes: number, each: (megabyte: number) => void = () => undefined): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let megabyte = 0; megabyte < megabytes; megabyte += 1) {
      each(megabyte);
      for (let part = 0; part < 16; part += 1) yield Buffer.alloc(MB / 16, megabyte * 16 + part);
    }
  }
  return Readable.from(chunks(), { objectMode: false, highWaterMark: MB / 16 });
}

/** Brings some bytes and then fails, as a connection does. */
export function brokenBody(bytes: Uint8Array): Readable {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw new Error('the connection was lost');
  }
  return Readable.from(chunks());
}
