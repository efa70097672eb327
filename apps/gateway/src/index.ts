export { createGateway, type Gateway, type GatewayParts } from './create-gateway.js';
export type { SampleSink } from './data-plane/sample-sink.js';
export { HttpUpstream } from './forwarding/http-upstream.js';
export { inProcessUpstream } from './forwarding/in-process-upstream.js';
export type { Upstream } from './forwarding/upstream.js';
export {
  gatewayContradictions,
  gatewayOptions,
  serviceAddressOptions,
  type GatewayConfig,
} from './options.js';
export { openApiDocument } from './openapi/document.js';
export { gatewaySchema } from './schema.js';
