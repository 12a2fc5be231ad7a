/** Running the real command line in tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
export const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))

const COMMAND = `${REPOSITORY}apps/cli/dist/main.js`

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Only what programs need, without the settings, language and time zone of the caller. */
const ENVIRONMENT = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'ORT_DISABLE_TELEMETRY'].flatMap(name =>
    process.env[name] ? [[name, process.env[name]]] : [],
  ),
)

/** Starts `obscura ARGS`; ends itself with the test's process. */
export function start(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): ChildProcess {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: options.cwd,
    env: { ...ENVIRONMENT, ...options.env },
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

/** Waits for the end of a command, with all that it printed. */
export async function ended(child: ChildProcess, input = ''): Promise<Ended> {
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  child.stdin?.end(input)
  const [code] = await once(child, 'close')
  return { code, ...printed }
}

/** Runs `obscura ARGS` to its end. */
export function obscura(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Ended> {
  return ended(start(args, options), options.input)
}

/**
 * Runs a line of shell in a folder. `"$NODE" "$OBSCURA"` is the command: quoted, because the path
 * of the repository may contain spaces.
 */
export function shell(line: string, cwd: string): Promise<Ended> {
  const env = { PATH: process.env.PATH, NODE: process.execPath, OBSCURA: COMMAND }
  return ended(spawn('sh', ['-c', line], { cwd, env }))
}

/** Waits until a command has printed something that matches. @throws when it ends before */
export function printed(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    let all = ''
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      all += text
      const match = all.match(pattern)
      if (match) resolve(match)
    })
    child.once('close', code => reject(new Error(`It ended with ${code} and had printed: ${all}`)))
  })
}
