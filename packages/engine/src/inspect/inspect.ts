import { spawn } from 'node:child_process'
import { resolve as resolvePath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readMessages, sendMessage } from '../channel.js'
import { DEFAULT_LIMITS, type Limits } from '../options.js'
import { residentMemory } from '../resident-memory.js'
import { allowedEnvironment } from '../sandbox/environment.js'
import { ENGINE_FILES, findSandbox, type SandboxMode } from '../sandbox/sandbox.js'
import { type Inspected, isReply } from './protocol.js'

export type { Inspected, Tensor } from './protocol.js'

const CHILD = fileURLToPath(new URL('../../dist/inspect/child.js', import.meta.url))
const MEMORY_CHECK_MS = 100
/** A description is a few hundred names. */
const REPLY_LIMITS = { objects: 4 * 1024 ** 2, files: 0 }

/** An ONNX file cannot be loaded; `message` says why. */
export class InspectError extends Error {
  override readonly name = 'InspectError'
}

/** How a file is inspected; by default in the best sandbox there is. */
export interface InspectOptions {
  sandbox?: SandboxMode
  limits?: Partial<Omit<Limits, 'pixels'>>
}

/**
 * Loads an ONNX file in a process of its own, in the engine's sandbox and within its limits, and
 * tells what tensors it has.
 * @param file relative to the folder, and inside it
 * @returns with `peakBytes`, the memory that the process needed (0 where the system does not tell)
 * @throws InspectError
 */
export async function inspectModel(
  folder: string,
  file: string,
  { sandbox: mode = 'auto', limits: given }: InspectOptions = {},
): Promise<Inspected & { peakBytes: number }> {
  const sandbox = await findSandbox(mode, 'cpu')
  const limits = { ...DEFAULT_LIMITS, ...given }
  const root = resolvePath(folder)
  const command = sandbox.command({ module: CHILD, arguments: [], readable: [...ENGINE_FILES, root], device: 'cpu' })
  const child = spawn(command.file, command.arguments, {
    detached: command.detached,
    env: { ...allowedEnvironment(process.env), ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let peakBytes = 0
  const timers: NodeJS.Timeout[] = []
  try {
    const reply = await new Promise<unknown>((resolve, reject) => {
      const fail = (why: string) => reject(new InspectError(`${file} cannot be loaded: ${why}.`))
      timers.push(setTimeout(() => fail(`it took longer than ${limits.time / 1000} s`), limits.time))
      timers.push(
        setInterval(async () => {
          peakBytes = Math.max(peakBytes, await residentMemory(child.pid ?? 0))
          if (peakBytes > limits.memory) fail(`it needed more than ${Math.round(limits.memory / 1e6)} MB of memory`)
        }, MEMORY_CHECK_MS),
      )
      child.on('error', ({ message }) => fail(message))
      child.on('exit', (code, signal) => fail(`its process ended (${signal ?? `exit code ${code}`})`))
      child.stdin.on('error', () => {})
      readMessages(child.stdout, REPLY_LIMITS, resolve, () => fail('its process sent an invalid reply'))
      sendMessage(child.stdin, { folder: root, file })
    })
    peakBytes = Math.max(peakBytes, await residentMemory(child.pid ?? 0))
    if (!isReply(reply)) throw new InspectError(`${file} cannot be loaded: its process sent an invalid reply.`)
    if ('error' in reply) throw new InspectError(`${file} cannot be loaded: ${reply.error}`)
    return { ...reply, peakBytes }
  } finally {
    for (const timer of timers) clearInterval(timer)
    child.kill('SIGKILL')
  }
}
