// Receives and keeps artefacts of many sizes, one after the other, until it is killed.
import { Readable } from 'node:stream';
// Not the whole library: a process shall not take longer to start than it lives here.
import { Staging } from '../../dist/staging/staging.js';
import { FileArtifactStore } from '../../dist/stores/file-artifact-store.js';

const [root, seed] = process.argv.slice(2);
const staging = new Staging({ folder: `${root}/staging` });
const store = new FileArtifactStore({ root });
process.on('disconnect', () => process.exit(1));

for (let n = 0; ; n += 1) {
  // Few enough different ones that processes also keep what others kept before.
  const kind = (Number(seed) * 7 + n) % 60;
  const chunks = Array.from({ length: 1 + (kind % 12) * 3 }, (_, part) =>
    Buffer.alloc(65_536, kind * 5 + part),
  );
  const staged = await staging.receive(Readable.from(chunks), { maxBytes: 1e9 });
  process.send({ digest: staged.digest, kept: false });
  await store.keep(staged);
  process.send({ digest: staged.digest, kept: true });
  await staged.discard();
}
