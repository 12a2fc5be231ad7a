import { allowedEnvironment } from './sandbox/environment.js'

/**
 * Settings of glibc's heap that make arenas of the networks unnecessary: blocks up to 32 MB are
 * allocated from the heap instead of the system, and up to 64 MB of free memory are kept for the
 * next inference (256 MB would save 3 % of the time and cost 170 MB); two heaps rather than one for
 * each of many threads. Other systems ignore it.
 */
const HEAP_SETTINGS = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(32 * 1024 ** 2),
  MALLOC_TRIM_THRESHOLD_: String(64 * 1024 ** 2),
}

/** Keeps ONNX Runtime from assigning an ID to this machine and reporting its use to Microsoft. */
const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' }

/** The environment of an engine process: what it may know of its parent's, and settings of its own. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { ...allowedEnvironment(process.env), ...HEAP_SETTINGS, ...NO_TELEMETRY }
}
