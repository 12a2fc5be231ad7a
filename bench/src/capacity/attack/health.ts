import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { threadCpuMs } from './thread-cpu.js'

const EVERY_MS = 50
const GIVE_UP_MS = 30_000

/** A response of /health. */
export interface Answer {
  /** Infinite where it failed or took too long. */
  ms: number
  /** What the service's main thread did meanwhile: what the wait is without other programs. */
  cpuMs: number
}

/**
 * Asks for /health as a probe does, on a new connection each time and one at a time, until
 * `ended`.
 * @param pid the service
 */
export async function watchHealth(url: string, pid: number, ended: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = []
  while (!ended.aborted) {
    const begun = performance.now()
    const before = threadCpuMs(pid)
    const isRight = await ask(`${url}/health`)
    const ms = isRight ? performance.now() - begun : Number.POSITIVE_INFINITY
    answers.push({ ms, cpuMs: threadCpuMs(pid) - before })
    await sleep(EVERY_MS)
  }
  return answers
}

function ask(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = get(url, { agent: false, timeout: GIVE_UP_MS }, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
      response.on('error', () => resolve(false))
    })
    request.on('timeout', () => request.destroy(new Error('No response.')))
    request.on('error', () => resolve(false))
  })
}
