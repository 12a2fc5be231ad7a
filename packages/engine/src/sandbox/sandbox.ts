/**
 * Sandboxes for child processes, so that a hostile image that compromises one gains nothing; see
 * docs/decisions/sandbox.md.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { url as inspectorUrl } from 'node:inspector'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Device } from '../detect/session.js'
import { bubblewrapArguments } from './bubblewrap.js'
import { allowedEnvironment } from './environment.js'

/** `auto`: the best that works here; `required`: bubblewrap or nothing; `off`: none. */
export const SANDBOX_MODES = ['auto', 'off', 'required'] as const
export type SandboxMode = (typeof SANDBOX_MODES)[number]

/** Description of a sandbox; `isComplete` if it confines native code as well. */
export interface SandboxDescription {
  isComplete: boolean
  sentence: string
}

/** A Node.js program and what it may read: absolute paths of files and folders. */
export interface Program {
  module: string
  arguments: readonly string[]
  readable: readonly string[]
  device: Device
}

/** A command as `spawn` takes it. */
export interface Command {
  file: string
  arguments: string[]
  /**
   * In a session of its own: an interrupt from the terminal would end what has no handler for it.
   */
  detached: boolean
}

/** A sandbox that works on this machine. */
export interface Sandbox extends SandboxDescription {
  command(program: Program): Command
}

/** A sandbox is required but not available. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError'
}

/** Not the parent's flags: a test runner's are none of the child's business. */
const FLAGS = ['--expose-gc']

/**
 * With a debugger at the parent, one may attach to each child as well, at a free port that Node.js
 * prints. Sandboxes have no network for it.
 */
const debugFlags = () => (inspectorUrl() ? ['--inspect=127.0.0.1:0'] : [])

const NONE: Sandbox = {
  isComplete: false,
  sentence:
    'none: engine processes run as the same user; they hold no secrets but can read files of that user and use the network',
  command: program => ({
    file: process.execPath,
    arguments: [...FLAGS, ...debugFlags(), program.module, ...program.arguments],
    detached: false,
  }),
}

const bubblewrap = (extra: readonly string[]): Sandbox => ({
  isComplete: true,
  sentence: 'bubblewrap: engine processes have no network, see no other processes, and can read only programs and models',
  command: program => ({
    file: 'bwrap',
    arguments: [
      ...bubblewrapArguments(
        {
          device: program.device,
          readable: [process.execPath, ...program.readable].flatMap(withTarget),
          devices: program.device === 'cpu' ? [] : readdirSync('/dev'),
          libraries: process.env.LD_LIBRARY_PATH,
        },
        extra,
      ),
      ...[process.execPath, ...FLAGS, program.module, ...program.arguments],
    ],
    detached: true,
  }),
})

const PERMISSION_FLAG = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'

/** The permission model of Node.js: confines JavaScript, not native code. */
const PERMISSIONS: Sandbox = {
  isComplete: false,
  sentence:
    'permission model of Node.js: JavaScript in engine processes can read only programs and models; native code is not confined, nor is the network before Node.js 25',
  command: program => ({
    file: process.execPath,
    arguments: [
      ...FLAGS,
      ...['--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning', PERMISSION_FLAG],
      ...['--allow-addons', '--allow-worker'],
      ...new Set(program.readable.flatMap(withTarget).flatMap(allowRead)),
      ...[program.module, ...program.arguments],
    ],
    detached: false,
  }),
}

/** Node.js 20 requires a wildcard for folders, and fails when a folder itself is given too. */
function allowRead(path: string): string[] {
  const kind = statSync(path, { throwIfNoEntry: false })
  return kind ? [`--allow-fs-read=${kind.isDirectory() ? join(path, '*') : path}`] : []
}

/** Linux, with what the memory limit needs: the parents of processes. */
const HAS_PROCESS_TREE = existsSync(`/proc/self/task/${process.pid}/children`)

/** From best to worst; older versions of bubblewrap cannot forbid further user namespaces. */
const SANDBOXES = [...(HAS_PROCESS_TREE ? [bubblewrap(['--disable-userns']), bubblewrap([])] : []), PERMISSIONS]

/** Milliseconds for a start that takes 0.2 s. */
const MAX_TRIAL_MS = 20_000

const found = new Map<string, Promise<Sandbox>>()

/**
 * The sandbox for children that use a device, found by running Node.js and the native modules in
 * it; once a process.
 * @throws SandboxError when one is `required` and bubblewrap does not work here
 */
export function findSandbox(mode: SandboxMode, device: Device): Promise<Sandbox> {
  const key = `${mode} ${device}`
  if (!found.has(key)) found.set(key, firstWorkingSandbox(mode, device))
  return found.get(key)!
}

async function firstWorkingSandbox(mode: SandboxMode, device: Device): Promise<Sandbox> {
  if (mode === 'off') return NONE
  for (const sandbox of SANDBOXES) {
    if (mode === 'required' && !sandbox.isComplete) continue
    if (await works(sandbox, device)) return sandbox
  }
  if (mode === 'auto') return NONE
  throw new SandboxError(
    'A sandbox is required (ENGINE_SANDBOX=required), but bubblewrap does not work here: install the package bubblewrap and allow user namespaces, or set ENGINE_SANDBOX=auto.',
  )
}

async function works(sandbox: Sandbox, device: Device): Promise<boolean> {
  const trial = fileURLToPath(new URL('../../dist/sandbox/trial.js', import.meta.url))
  const { file, arguments: args } = sandbox.command({ module: trial, arguments: [], readable: ENGINE_FILES, device })
  const options = { env: allowedEnvironment(process.env), timeout: MAX_TRIAL_MS, killSignal: 'SIGKILL' } as const
  return promisify(execFile)(file, args, options).then(
    ({ stdout }) => stdout.includes('works'),
    () => false,
  )
}

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The engine's own package, the one of ours that it needs, and all folders that Node.js looks for
 * dependencies in.
 */
export const ENGINE_FILES: readonly string[] = [
  ...[PACKAGE, join(PACKAGE, '../contract')].flatMap(folder => [join(folder, 'dist'), join(folder, 'package.json')]),
  ...dependencyFolders(PACKAGE),
]

function dependencyFolders(folder: string): string[] {
  const above = dirname(folder)
  return [join(folder, 'node_modules'), ...(above === folder ? [] : dependencyFolders(above))]
}

/** A path, and where it leads if it is a link: Node.js looks at both. */
function withTarget(path: string): string[] {
  try {
    const target = realpathSync(path)
    return target === path ? [path] : [path, target]
  } catch {
    return [path]
  }
}
