import { readFileSync } from 'node:fs'
import { nameOf } from './file-names.js'

/**
 * The arguments of the command line. Node.js replaces bytes that are not UTF-8; Linux still offers
 * the originals.
 */
export function commandArguments(argv: readonly string[] = process.argv): string[] {
  const given = argv.slice(2)
  if (!given.some(word => word.includes('\ufffd'))) return given
  const words = bytesOfCommandLine().slice(-given.length)
  return given.map((word, i) => (words[i]?.toString() === word ? nameOf(words[i]) : word))
}

function bytesOfCommandLine(): Buffer[] {
  try {
    const line = readFileSync('/proc/self/cmdline')
    const ends = [...line.keys()].filter(at => line[at] === 0)
    return ends.map((end, i) => line.subarray(i === 0 ? 0 : ends[i - 1] + 1, end))
  } catch {
    return []
  }
}
