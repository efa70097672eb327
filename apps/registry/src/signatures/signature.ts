import { createPublicKey, verify } from 'node:crypto';

export interface Signed {
  pluginId: string;
  version: string;
  checksum: string;
}

/** What is signed: which bytes, and for which version, so that a signature is of no use to another. */
export const signedText = ({ pluginId, version, checksum }: Signed): string =>
  `switchyard-artifact-v1\n${pluginId}\n${version}\n${checksum}\n`;

/** `publicKey`: an Ed25519 key in PEM, as the tenants service keeps it. */
export function signatureIsGood(what: Signed, signature: string, publicKey: string): boolean {
  return verify(
    null,
    Buffer.from(signedText(what)),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64'),
  );
}
