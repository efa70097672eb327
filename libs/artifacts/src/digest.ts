/** What names an artefact: the SHA-256 of its bytes, in 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export const isDigest = (text: string): text is Digest => DIGEST.test(text);

/** The digits alone. A digest becomes a path and a key, so a cast in a caller may not be all that guards them. */
export function hexOf(digest: Digest): string {
  if (!isDigest(digest)) throw new TypeError(`not a digest: ${JSON.stringify(digest)}`);
  return digest.slice('sha256:'.length);
}
