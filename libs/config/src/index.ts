export { ConfigError } from './config-error.js';
export { describeOptions, type OptionDescription } from './describe-options.js';
export {
  choice,
  flag,
  list,
  port,
  seconds,
  secretText,
  secretUrl,
  text,
  url,
  wholeNumber,
} from './options.js';
export { readConfig, type Contradiction, type Environment } from './read-config.js';
