/**
 * The sandbox of bubblewrap (https://github.com/containers/bubblewrap): Linux namespaces, without
 * privileges.
 */
import { delimiter, isAbsolute } from 'node:path'
import type { Device } from '../detect/session.js'

/**
 * No network, no other process, no other user namespace inside, no capability. Killed with its
 * parent: the sandbox's first process then takes all others along.
 */
const ISOLATION = [
  ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
  ...['--cap-drop', 'ALL', '--die-with-parent'],
]

/**
 * Programs and shared libraries; the processor's description, from which ONNX Runtime chooses its
 * kernels.
 */
const SYSTEM = [
  ...['/usr', '/bin', '/lib', '/lib64', '/nix/store', '/etc/ld.so.cache', '/etc/alternatives'],
  '/sys/devices/system/cpu',
]

/** Additional files and devices for GPU drivers. */
const GRAPHICS = { readable: ['/sys', '/etc/vulkan', '/etc/OpenCL', '/run/opengl-driver'], devices: /^(nvidia|dri$|dxg$|kfd$)/ }

/** What a program in the sandbox can access in addition to the system. */
export interface Surroundings {
  /** Absolute paths of files and folders that it may read. */
  readable: readonly string[]
  device: Device
  /** Names in /dev. */
  devices: readonly string[]
  /** `LD_LIBRARY_PATH`. */
  libraries?: string
}

/**
 * The arguments of bwrap, up to the program. There is no place to write to: files in memory would
 * escape the memory limit.
 * @param extra further isolation, which older versions do not know
 */
export function bubblewrapArguments(
  { readable, device, devices, libraries = '' }: Surroundings,
  extra: readonly string[] = [],
): string[] {
  const cards = device === 'cpu' ? [] : devices.filter(name => GRAPHICS.devices.test(name)).map(name => `/dev/${name}`)
  const read = [...SYSTEM, ...(device === 'cpu' ? [] : GRAPHICS.readable), ...libraries.split(delimiter), ...readable]
  return [
    ...ISOLATION,
    ...extra,
    ...[...new Set(read)].filter(path => isAbsolute(path)).flatMap(path => ['--ro-bind-try', path, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...cards.flatMap(path => ['--dev-bind-try', path, path]),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/'],
    '--',
  ]
}
