import { expect, test } from 'vitest'
import { summary } from './command.js'

const OUTCOME = { done: 3, skipped: 0, failed: [], encodedAnew: new Map(), warned: [], left: 0 }

test('a run without trouble is one line', () => {
  expect(summary(OUTCOME, 'out', 1500)).toBe('3 anonymized into out. Took 1.5 s.')
})

test('each image that is done with a warning is named, and they are counted', () => {
  const warned = [{ file: 'cut.jpg', warnings: ['It breaks off.', 'Its profile was left out.'] }]
  expect(summary({ ...OUTCOME, warned }, 'out', 1500)).toBe(
    'warning: cut.jpg: It breaks off. Its profile was left out.\n3 anonymized into out (1 with a warning). Took 1.5 s.',
  )
})
