/** What fuzzers share: they run some seconds each, or FUZZ_SECONDS. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { cpuMs } from './cpu.js'

const seconds = Number(process.env.FUZZ_SECONDS ?? 5)
/** Of the processor's time: no single input may take longer. */
const MAX_MS = 2000
/** Of fast-check. */
export const settings = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: 1000 * seconds }
/** Of the test. */
export const timeout = 1000 * seconds + 120_000

/** Fails a run that takes too long. */
export function timed<T>(work: () => T): T {
  let result: T
  expect(cpuMs(() => (result = work()))).toBeLessThan(MAX_MS)
  return result!
}

/** Cuts, copies and overwrites parts of a file. */
export const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, fc.nat(4000)),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(...'< > & " \' / = : \0 ]]> <!-- <? &#'.split(' ')).map(text => Buffer.from(text)),
    ),
    repeats: fc.oneof({ weight: 9, arbitrary: fc.nat(1) }, fc.nat(3000)),
  }),
  { maxLength: 6 },
)
type Mutation = typeof mutations extends fc.Arbitrary<(infer M)[]> ? M : never

export function mutated(file: Uint8Array, changes: readonly Mutation[]): Buffer {
  return changes.reduce((bytes, { at, length, bytes: inserted, repeats }) => {
    const start = at % (bytes.length + 1)
    const copies = Array<Uint8Array>(repeats).fill(inserted)
    return Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start + length)])
  }, Buffer.from(file))
}
