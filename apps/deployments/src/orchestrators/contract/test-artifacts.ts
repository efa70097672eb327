import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Digest } from '@switchyard/artifacts';
import { create } from 'tar';

/** Artefacts as `npm pack` makes them, kept in one folder for as long as a suite runs. */
export class TestArtifacts {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<TestArtifacts> {
    return new TestArtifacts(await mkdtemp(join(tmpdir(), 'artifacts-')));
  }

  async pack(files: Readonly<Record<string, string>>): Promise<Digest> {
    const folder = await mkdtemp(join(this.#folder, 'source-'));
    for (const [name, content] of Object.entries({ 'package.json': '{"main":"index.js"}', ...files })) {
      await mkdir(dirname(join(folder, 'package', name)), { recursive: true });
      await writeFile(join(folder, 'package', name), content);
    }
    const file = join(folder, 'packed.tgz');
    await create({ file, gzip: true, cwd: folder, portable: true }, ['package']);
    return this.keep(await readFile(file));
  }

  async keep(bytes: Buffer): Promise<Digest> {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
    await writeFile(this.pathOf(digest), bytes);
    return digest;
  }

  readonly pathOf = (digest: Digest): string => join(this.#folder, `${digest.slice(7)}.archive`);

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
