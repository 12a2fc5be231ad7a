import { expect, test } from 'vitest'
import type { Findings } from '../images/find.js'
import { summary } from './command.js'

const OUTCOME = { done: 3, processed: new Set<string>(), skipped: 0, failed: [], reencodeReason: new Map(), warned: [], left: 0 }
const NOTHING: Findings = { photos: [], problems: [], others: new Map(), hidden: 0, earlier: new Map() }

test('a run without problems is summed up in one line', () => {
  expect(summary(OUTCOME, NOTHING, 'out', 1500)).toBe('3 anonymized into out. Took 1.5 s.')
})

test('images with a warning are named and counted', () => {
  const warned = [{ file: 'cut.jpg', warnings: ['It is truncated.', 'Its profile was removed.'] }]
  expect(summary({ ...OUTCOME, warned }, NOTHING, 'out', 1500)).toBe(
    'warning: cut.jpg: It is truncated. Its profile was removed.\n3 anonymized into out (1 with a warning). Took 1.5 s.',
  )
})

test('ignored files are counted by type, the most frequent first', () => {
  const kinds = ['heic', 'tiff', 'dng', 'mp4', 'insp', 'jxl', 'webp', 'avif', 'txt', 'xml']
  const others = new Map(kinds.map((kind, i): [string, number] => [kind, kinds.length - i]))
  const findings = { ...NOTHING, others, hidden: 1, earlier: new Map([[`${process.cwd()}/done`, 12]]) }
  expect(summary(OUTCOME, findings, 'out', 1500).split('\n')).toEqual([
    '12 results of earlier runs ignored in done',
    '55 files of other types ignored: 10 heic, 9 tiff, 8 dng, 7 mp4, 6 insp, 5 jxl, 4 webp, 3 avif, 3 more',
    '1 hidden image or folder ignored',
    '3 anonymized into out. Took 1.5 s.',
  ])
})

test('a name or a message with control characters cannot pass for another line', () => {
  const failed = [{ file: 'x\n3 anonymized\x1b[2K.jpg', problem: 'no\rway' }]
  expect(summary({ ...OUTCOME, done: 0, failed }, NOTHING, 'o\nut', 1500)).toBe(
    'failed: x\\x0a3 anonymized\\x1b[2K.jpg: no\\x0dway\n0 anonymized into o\\x0aut, 1 failed. Took 1.5 s.',
  )
})
