export { checkSettingsSchema, type CheckedSettingsSchema } from './check-settings-schema.js';
export { compileSettings, type SettingsValidator } from './compile-settings.js';
export type { Draft } from './settings-ajv.js';
export type { SettingsProblem } from './settings-problem.js';
