import { setImmediate as turn } from 'node:timers/promises'

/**
 * Turns of the event loop after work that fills one. Node accepts one new connection in each: were
 * they all full, new clients would wait for seconds just to be let in. An empty one takes
 * microseconds.
 */
export const TURNS_FOR_OTHERS = 8

/** Lets everything else in this process have some turns of the event loop. */
export async function letOthersRun(): Promise<void> {
  for (let i = 0; i < TURNS_FOR_OTHERS; i++) await turn()
}
