/**
 * Environment variables that are passed to child processes: an allow-list, because anything else
 * may be a secret.
 */

/** Used by programs, the C library and the dynamic loader; the last five are for Windows. */
const NAMES = new Set([
  ...['PATH', 'HOME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'NODE_ENV', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'NUMBER_OF_PROCESSORS'],
])

/** Settings of the C library, of ONNX Runtime, of libvips, and of drivers of graphics cards. */
const PREFIXES = ['LC_', 'MALLOC_', 'ORT_', 'OMP_', 'VIPS_', 'CUDA_', 'NVIDIA_', 'VK_', 'MESA_']

/** The variables that a child may have; names are compared without case, as Windows does. */
export function allowedEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isAllowed = (name: string) => NAMES.has(name) || PREFIXES.some(prefix => name.startsWith(prefix))
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isAllowed(name.toUpperCase())))
}
