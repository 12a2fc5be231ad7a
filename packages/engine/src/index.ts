export {
  CLASSES,
  DEFAULT_PARAMETERS,
  type EngineParameters,
  type Grid,
  type IgnoreArea,
  type Method,
  type ObjectClass,
} from '@obscura/contract/parameters'
export { choosePrecision, PRECISIONS, type Precision, type PrecisionSetting } from './detect/precision.js'
export { DEVICES, type Device } from './detect/session.js'
export * from './detection.js'
export * from './engine.js'
export * from './errors.js'
export * from './geometry.js'
export * from './image.js'
export * from './options.js'
export * from './pool.js'
export { findSandbox, SANDBOX_MODES, type SandboxDescription, SandboxError, type SandboxMode } from './sandbox/sandbox.js'
