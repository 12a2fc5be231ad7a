import { spawnSync } from 'node:child_process'

/**
 * Runs a command as in a container: with pids, host name and network of its own, on the same files.
 */
export const OWN_NAMESPACES = [
  'unshare',
  ...['--pid', '--fork', '--kill-child', '--mount-proc', '--uts', '--net'],
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-current-user']),
] as const

/**
 * Whether a test that needs {@link OWN_NAMESPACES} has to be skipped, because this user may not
 * make any; says so in one line.
 */
export function noNamespaces(): boolean {
  const [program, ...args] = OWN_NAMESPACES
  if (spawnSync(program, [...args, 'true']).status === 0) return false
  console.warn('Skipped, because this user may not make namespaces of their own for processes (unshare).')
  return true
}
