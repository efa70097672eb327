export { CONFIG_DESCRIPTOR, type InstanceConfig } from './instance-config.js';
export { startHost, type Host } from './start-host.js';
