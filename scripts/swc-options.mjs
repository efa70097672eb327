/** One way to turn our TypeScript into JavaScript, for the build and for jest. */
export const swcOptions = {
  swcrc: false,
  configFile: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: true },
    keepClassNames: true,
  },
};
