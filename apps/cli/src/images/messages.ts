/** Notes about files that a command ignored. */
import path from 'node:path'
import { printable } from '../file-names.js'
import type { Findings } from './find.js'

/** Number of file types that are listed; the others are summed up. */
const MAX_TYPES = 8

/** Lines about ignored files. */
export function ignoredFilesMessages({ others, hidden, earlier }: Findings): string[] {
  const lines = [...earlier].map(([folder, count]) => {
    return `${counted(count, 'result')} of earlier runs ignored in ${printable(path.relative('', folder) || '.')}`
  })
  const total = [...others.values()].reduce((sum, count) => sum + count, 0)
  if (total > 0) lines.push(`${counted(total, 'file')} of other types ignored: ${kinds(others)}`)
  if (hidden > 0) lines.push(`${counted(hidden, 'hidden image or folder', 'hidden images or folders')} ignored`)
  return lines
}

/** The message when no images were found. */
export function noImagesMessage(names: readonly string[], findings: Findings): string {
  return [`No JPEG or PNG images in ${printable(names.join(', '))}.`, ...ignoredFilesMessages(findings)].join('\n')
}

/** "3 heic, 2 tiff": the most frequent first. */
function kinds(others: ReadonlyMap<string, number>): string {
  const sorted = [...others].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
  const named = sorted.slice(0, MAX_TYPES).map(([kind, count]) => `${count} ${printable(kind)}`)
  const rest = sorted.slice(MAX_TYPES).reduce((sum, [, count]) => sum + count, 0)
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
