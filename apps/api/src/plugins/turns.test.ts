import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { TURNS_FOR_OTHERS } from '@obscura/shared'
import { expect, it } from 'vitest'
import { createTurns } from './turns.js'

const socket = (destroyed = false) => ({ destroyed }) as Socket

/** In which turn each of these requests begins. */
async function begunAt(sockets: readonly Socket[]): Promise<(number | undefined)[]> {
  const inTurn = createTurns()
  const begun: (number | undefined)[] = sockets.map(() => undefined)
  let now = 0
  for (const [i, from] of sockets.entries()) {
    inTurn(from, () => {
      begun[i] = now
    })
  }
  while (++now < 20 * TURNS_FOR_OTHERS) await turn()
  return begun
}

it('a few requests begin immediately, further ones later and in order', async () => {
  expect(await begunAt(Array.from({ length: 4 }, () => socket()))).toEqual([0, 0, 0, 0])
  const begun = await begunAt(Array.from({ length: 40 }, () => socket()))
  expect(begun).toEqual(begun.toSorted((a, b) => a! - b!))
  for (let turn = 0; turn < 9; turn++) expect(new Set(begun.slice(4 * turn, 4 * turn + 4)).size).toBe(1)
  const [first, second, third] = new Set(begun)
  expect(second! - first!).toBeGreaterThanOrEqual(TURNS_FOR_OTHERS - 1)
  expect(third! - second!).toBeGreaterThanOrEqual(TURNS_FOR_OTHERS - 1)
})

it('a request whose client has gone never begins, and takes no turn', async () => {
  const begun = await begunAt([
    ...Array.from({ length: 4 }, () => socket()),
    socket(true),
    ...Array.from({ length: 4 }, () => socket()),
  ])
  expect(begun[4]).toBeUndefined()
  expect(new Set(begun.slice(5)).size).toBe(1)
})
