/** Keeps the wording of sources and documents plain, and comments narrow. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { REPOSITORY } from './command.js'

const MAX_COLUMNS = 100

/** Expressions that are never right here, each with a replacement. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/i, 'again, newly'],
  [/\bafresh\b/i, 'again, newly'],
  [/\bfor ever\b/i, 'forever'],
  [/\bat hand\b/i, 'available'],
  [/\bmakes? no sense\b/i, 'is invalid, is impossible'],
  [/\blest\b/i, 'so that ... not'],
  [/\bshould somebody\b/i, 'if somebody'],
  [/\bgives? out\b/i, 'returns, runs out'],
  [/\bgiven out\b/i, 'returned, assigned'],
  [/(?<!\bthere )\b(is|are|was|were) no (?!longer\b|such\b|more\b)[a-z]/i, 'is not a(n) ...'],
  [/\bmade up\b(?!')/i, 'generated, invented'],
  [/\bbreaks? off\b/i, 'is truncated'],
  [/\bbroken off\b/i, 'truncated'],
  [/\bcame to nothing\b/i, 'was unsuccessful'],
  [/\bunder way\b/i, 'in progress'],
  [/\bput off\b/i, 'postponed'],
  [/\bleft alone\b/i, 'ignored, not changed'],
  [/\ban answer\b|\b(each|every|all) answers?\b/i, 'a response (HTTP), a reply (of a process), a result'],
  [/\bin whole numbers\b|\bwhole numbers? of \d/i, 'in (8-bit) integers'],
  [/(?<!multi-)\bpictures?\b/i, 'image, screenshot, figure'],
  [/\b(for|after) so long\b/i, 'the time after which ...'],
  [/\b(tells?|told) of\b/i, 'reports, names'],
  [/\bsurest\b/i, 'most certain'],
  [/\ball the same\b/i, 'anyway'],
  [/\bin no time\b/i, 'quickly'],
  [/\bprocessors' time\b|\bprocessors? worked\b/i, 'CPU time'],
  [/\bgrey\b(?!['\d])/i, 'gray'],
]

/** Where an expression stands for another reason: here as a rule, there in a table of words. */
const EXEMPT = /^(tests\/language\.test\.ts|docs\/glossary\.md|models\/(training\/README|weights\/.*)\.md|bench\/results\/.*)$/

/** Documents whose past entries are not rewritten. */
const HISTORY = /^CHANGELOG\.md$/

const files = execFileSync('git', ['ls-files'], { cwd: REPOSITORY, encoding: 'utf8' })
  .split('\n')
  .filter(file => existsSync(path.join(REPOSITORY, file)))
const SOURCES = files.filter(file => /\.([cm]?[jt]s)$/.test(file))
const PYTHON = files.filter(file => file.endsWith('.py'))
const CONFIGURATION = files.filter(file => /\.(ya?ml|sh)$|Dockerfile$|\.env\.example$|^\.ci\/run$/.test(file))
const DOCUMENTS = files.filter(file => file.endsWith('.md'))

/** Lines of a file that match, as "file:line: text". */
function find(file: string, matches: (line: string) => boolean): string[] {
  const lines = readFileSync(path.join(REPOSITORY, file), 'utf8').split('\n')
  return lines.flatMap((line, i) => (matches(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []))
}

describe('the repository', () => {
  test(`wraps comments at ${MAX_COLUMNS} columns`, () => {
    const isWide = (comment: RegExp) => (line: string) =>
      line.length > MAX_COLUMNS && comment.test(line) && !line.includes('biome-ignore')
    const wide = [
      ...SOURCES.flatMap(file => find(file, isWide(/^\s*(\/\*|\*|\/\/)/))),
      ...[...CONFIGURATION, ...PYTHON].flatMap(file => find(file, isWide(/^\s*(# |""")/))),
    ]
    expect(wide).toEqual([])
  })

  test.each(REPLACEMENTS)('does not use %s, but: %s', expression => {
    const texts = [...SOURCES, ...PYTHON, ...CONFIGURATION, ...DOCUMENTS]
    const found = texts
      .filter(file => !EXEMPT.test(file) && !HISTORY.test(file))
      .flatMap(file => find(file, line => expression.test(line)))
    expect(found).toEqual([])
  })
})
