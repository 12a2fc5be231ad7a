import type { Socket } from 'node:net'
import { TURNS_FOR_OTHERS } from '@obscura/shared'

/** Requests that begin in {@link TURNS_FOR_OTHERS} turns of the event loop. */
const REQUESTS = 4

/** Begins a request now, or in one of the next turns of the event loop if its connection lasts. */
export type Turns = (socket: Socket, begin: () => void) => void

/**
 * Lets few requests begin in some turns of the event loop, in their order, so that new clients
 * are let in meanwhile.
 */
export function createTurns(): Turns {
  const waiting: { socket: Socket; begin: () => void }[] = []
  let begun = 0
  let turns = 0

  function nextTurn(): void {
    if (++turns < TURNS_FOR_OTHERS) return void setImmediate(nextTurn)
    turns = 0
    begun = 0
    while (begun < REQUESTS && waiting.length > 0) {
      const { socket, begin } = waiting.shift()!
      if (!socket.destroyed) start(begin)
    }
  }

  function start(begin: () => void): void {
    if (begun++ === 0) setImmediate(nextTurn)
    begin()
  }

  return (socket, begin) => {
    if (begun < REQUESTS) start(begin)
    else waiting.push({ socket, begin })
  }
}
