export { audited } from './audited.js';
export { attachCall, attachedCall, bodyLimitOf, identityOf, type EdgeCall } from './call.js';
export {
  addressHeader,
  anonymous,
  createService,
  gatewayItself,
  identityHeader,
  isGateway,
  longestTransferMs,
  type Readiness,
  type Service,
  type ServiceOptions,
} from './create-service.js';
export { drained, untilDrained } from './drained.js';
export { EnvelopeFilter } from './envelope.filter.js';
export { Handles, Input, type HandlerInput, type HandlerOutput } from './handles.js';
export { etagOf, requireMatch, type IfMatch } from './if-match.js';
export { parseJsonBody } from './json-body.js';
export { nestLogger } from './nest-logger.js';
export { newId } from './new-id.js';
export { isDatabaseTrouble, toAppError } from './to-app-error.js';
export {
  housekeepingOptions,
  keyringOptions,
  listenOptions,
  processOptions,
  tokenOptions,
  type ProcessOptions,
} from './process-options.js';
export type { ServiceContext } from './service-context.js';
export { tenantCopiesController, tenantCopiesModule, tenantCopyStatements } from './tenant-copies.js';
export { openProcess, type OpenProcess } from './open-process.js';
export { announceIdentityKey, type AnnouncedKey } from './identity-keys.js';
export { forPeer, type PeerDoor } from './peer-door.js';
export { openListener } from './listen-problem.js';
export { runProcess, type Closing } from './run-process.js';
export { lastResortMs, runService } from './run-service.js';
export { idempotencyStatements } from './idempotency/idempotency-statements.js';
