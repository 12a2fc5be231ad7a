import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 50
const GIVE_UP_MS = 30_000

/**
 * Asks for /health as a probe does, on a new connection each time and one at a time, until
 * `ended`.
 * @returns the milliseconds of each response; what failed or took too long counts as infinite
 */
export async function watchHealth(url: string, ended: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!ended.aborted) {
    const begun = performance.now()
    const isRight = await ask(`${url}/health`)
    times.push(isRight ? performance.now() - begun : Number.POSITIVE_INFINITY)
    await sleep(EVERY_MS)
  }
  return times
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
