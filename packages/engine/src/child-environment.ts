import { allowedEnvironment } from './sandbox/environment.js'

/**
 * Settings of glibc's heap that make arenas of the networks unnecessary. Tensors are allocated from
 * the heap, however large, in pages of 2 MB where the system has them, and up to 128 MB of free
 * memory are kept for the next inference: with blocks over 32 MB from the system and small pages, a
 * tenth of the time goes into page faults. Two heaps rather than one for each of many threads.
 * Other systems ignore it.
 */
const HEAP_SETTINGS = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(1024 ** 3),
  MALLOC_TRIM_THRESHOLD_: String(128 * 1024 ** 2),
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
}

/** Keeps ONNX Runtime from assigning an ID to this machine and reporting its use to Microsoft. */
const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' }

/**
 * The environment of an engine process: what it may know of its parent's, and settings of its own.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { ...allowedEnvironment(process.env), ...HEAP_SETTINGS, ...NO_TELEMETRY }
}
