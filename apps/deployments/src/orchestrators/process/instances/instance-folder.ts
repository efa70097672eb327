import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A socket's path has to fit into the kernel's 108 bytes. */
const MAX_SOCKET_PATH = 107;

/** The files of one instance. */
export class InstanceFolder {
  readonly record: string;
  readonly log: string;
  /** Only while a process starts. */
  readonly config: string;
  readonly dataSocket: string;
  readonly protocolSocket: string;
  /** Its own, to write whatever it likes. */
  readonly work: string;

  constructor(readonly path: string) {
    this.record = join(path, 'state.json');
    this.log = join(path, 'log');
    this.config = join(path, 'config');
    this.dataSocket = join(path, 'data', 's');
    this.protocolSocket = join(path, 'protocol', 's');
    this.work = join(path, 'work');
    if (Buffer.byteLength(this.protocolSocket) > MAX_SOCKET_PATH)
      throw new Error(
        `${this.protocolSocket} is too long for a socket; choose a shorter folder for instances`,
      );
  }

  /** Each folder opens for the instance's user and for root, and for nobody else. */
  async create(uid: number | null): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o711 });
    await mkdir(this.log, { recursive: true, mode: 0o700 });
    for (const name of ['data', 'protocol', 'work']) {
      await mkdir(join(this.path, name), { recursive: true, mode: 0o700 });
      if (uid !== null) await chown(join(this.path, name), uid, uid);
    }
  }

  /** All but the log, which somebody may still want to read. */
  async clear(): Promise<void> {
    for (const name of ['data', 'protocol', 'work'])
      await rm(join(this.path, name), { recursive: true, force: true });
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
