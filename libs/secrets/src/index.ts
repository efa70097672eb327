export type { Keyring } from './keyring.js';
export { createKeyringFile, loadKeyring, loadOrCreateKeyring, rotateKeyring } from './keyring-file.js';
export { open, reseal, seal, sealedWith } from './seal.js';
export { SealError, type SealErrorCode } from './seal-error.js';
export { Secret } from './secret.js';
