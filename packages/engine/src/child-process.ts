import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { type MessageLimits, readMessages, sendMessage } from './channel.js'
import { childEnvironment } from './child-environment.js'
import type { Output } from './engine.js'
import { type ChildEnd, EngineError } from './errors.js'
import type { Limits } from './options.js'
import type { ReplyError, Request } from './protocol.js'
import { checkedReply } from './reply.js'
import { residentMemory } from './resident-memory.js'
import type { Command } from './sandbox/sandbox.js'

const MEMORY_CHECK_INTERVAL = 200

/**
 * Of a reply: what is said of tens of thousands of detections, which takes part of a second to
 * read; an image of 16 bits with alpha and both masks, uncompressed, which take 12 bytes a pixel,
 * and a little more.
 */
function replyLimits({ pixels }: Limits): MessageLimits {
  return { objects: 8 * 1024 ** 2, files: 16 * pixels + 64 * 1024 ** 2 }
}

/**
 * An engine process. It works on one image at a time; if it dies or exceeds a limit, only that
 * image fails.
 */
export class EngineChild {
  readonly #process: ChildProcess
  readonly #limits: Limits
  /** Takes the reply to the image in progress. */
  #take: ((reply: unknown) => void) | undefined

  constructor({ file, arguments: args, detached }: Command, limits: Limits) {
    this.#limits = limits
    this.#process = spawn(file, args, {
      detached,
      env: childEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const kill = () => this.#process.kill('SIGKILL')
    this.#process.on('error', kill)
    this.#process.stdin!.on('error', kill)
    this.#process.stdout!.on('error', kill)
    // Whoever speaks without having been asked is not to be trusted with another image.
    const take = (reply: unknown) => (this.#take ? this.#take(reply) : kill())
    readMessages(this.#process.stdout!, replyLimits(limits), take, () => take(undefined))
    this.#keepParentAlive(false)
  }

  /** Whether it can take another image. */
  get alive(): boolean {
    const { killed, exitCode, signalCode } = this.#process
    return !killed && exitCode === null && signalCode === null
  }

  /**
   * Processes one image in the child.
   * @returns `spent` when a new child must do it
   * @throws EngineError of the child; INTERNAL_ERROR when it died or exceeded a limit; the signal's
   * reason when aborted
   */
  run(request: Request, signal?: AbortSignal): Promise<Output | 'spent'> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        clearInterval(memoryCheck)
        this.#take = undefined
        this.#process.off('exit', onExit)
        signal?.removeEventListener('abort', onAbort)
        this.#keepParentAlive(false)
        outcome()
      }
      const giveUp = (reason: unknown) => {
        this.#process.kill('SIGKILL')
        settle(() => reject(reason))
      }
      const onMessage = (message: unknown) => {
        try {
          const reply = checkedReply(message)
          if (reply === 'spent') settle(() => resolve(reply))
          else if ('output' in reply) settle(() => resolve(reply.output))
          else settle(() => reject(toEngineError(reply.error)))
        } catch (error) {
          giveUp(error)
        }
      }
      const onExit = (code: number | null, by: NodeJS.Signals | null) =>
        settle(() => reject(failed(`its engine process exited (${endOf(code, by)})`, 'crash')))
      const onAbort = () => giveUp(signal?.reason)
      const timer = setTimeout(
        () => giveUp(failed(`it took longer than ${this.#limits.time / 1000} s`, 'overrun', 'time')),
        this.#limits.time,
      )
      const memoryCheck = setInterval(async () => {
        if ((await residentMemory(this.#process.pid ?? 0)) > this.#limits.memory)
          giveUp(failed(`it needed more than ${Math.round(this.#limits.memory / 1e6)} MB of memory`, 'overrun', 'memory'))
      }, MEMORY_CHECK_INTERVAL)

      this.#keepParentAlive(true)
      this.#take = onMessage
      this.#process.on('exit', onExit)
      signal?.addEventListener('abort', onAbort)
      sendMessage(this.#process.stdin!, request, error => {
        // What ran tells its end itself, with its cause.
        if (error && this.#process.pid === undefined)
          giveUp(failed('the process meant to work on it could not be started', 'crash'))
      })
    })
  }

  /** Kills the process; resolves when it is gone. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    // Otherwise a parent with nothing else to do would exit while waiting.
    this.#process.ref()
    const gone = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
  }

  /** An idle child does not keep its parent alive. */
  #keepParentAlive(keep: boolean): void {
    for (const handle of [this.#process, this.#process.stdin as Socket, this.#process.stdout as Socket]) {
      if (keep) handle.ref()
      else handle.unref()
    }
  }
}

function toEngineError({ code, message, isUnfit, limit }: ReplyError): EngineError {
  return new EngineError(code, message, { childEnd: isUnfit ? 'unfit' : undefined, limit })
}

function failed(why: string, childEnd: ChildEnd, limit?: keyof Limits): EngineError {
  return new EngineError('INTERNAL_ERROR', `The image could not be processed: ${why}.`, { childEnd, limit })
}

/** Exit codes of shells for signals, which a sandbox passes on: 128 plus the signal number. */
function endOf(code: number | null, by: NodeJS.Signals | null): string {
  const signal = by ?? Object.entries(constants.signals).find(([, number]) => number === (code ?? 0) - 128)?.[0]
  return signal ?? `exit code ${code}`
}
