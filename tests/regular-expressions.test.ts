/**
 * No regular expression of the product may take more than linear time, whatever text it meets: one
 * that backtracks lets a request or a file of a hundred kilobytes stop a process for half a minute.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { check } from 'recheck'
import { parseSync } from 'vite'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = ['obscura', 'apps', 'packages', 'launcher', 'models/src']
/** How long one expression may be thought about. */
const CHECK_MS = 30_000

interface Expression {
  pattern: string
  flags: string
  /** File and line of its first appearance. */
  place: string
}

type Node = Record<string, unknown> & { type: string; start: number }

const sourceFiles = () =>
  execFileSync('git', ['ls-files', ...SOURCES], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter(file => /(\.([cm]?js|m?ts)|^obscura)$/.test(file) && !/\.test\.|\/test\//.test(file))

/** Calls `visit` with every node of a source file. */
function walk(node: unknown, visit: (node: Node) => void): void {
  if (typeof node !== 'object' || node === null) return
  if (typeof (node as Node).type === 'string') visit(node as Node)
  for (const child of Object.values(node)) walk(child, visit)
}

/**
 * All expressions of one file: literals, and constructors with a literal text.
 * @throws for one that is put together at run time
 */
export function expressionsOf(file: string, source: string): Expression[] {
  const found: Expression[] = []
  const { program, errors } = parseSync(/\.\w+$/.test(file) ? file : `${file}.cjs`, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  walk(program, node => {
    const place = `${file}:${source.slice(0, node.start).split('\n').length}`
    const { regex, callee, arguments: given } = node as { regex?: Expression; callee?: { name: string }; arguments?: Node[] }
    if (regex) found.push({ pattern: regex.pattern, flags: regex.flags, place })
    if (callee?.name !== 'RegExp') return
    const [pattern, flags = ''] = given!.map(({ value }) => value)
    if (typeof pattern !== 'string') throw new Error(`${place}: this expression is not known before it runs.`)
    found.push({ pattern, flags: String(flags), place })
  })
  return found
}

async function verdict({ pattern, flags, place }: Expression): Promise<string | undefined> {
  const found = await check(pattern, flags, { timeout: CHECK_MS })
  if (found.status === 'safe') return undefined
  return `${place} /${pattern}/${flags}: ${found.status === 'vulnerable' ? found.complexity.summary : found.status}`
}

test('every regular expression of the sources takes linear time', async () => {
  const expressions = sourceFiles().flatMap(file => expressionsOf(file, readFileSync(`${ROOT}/${file}`, 'utf8')))
  const unique = [...new Map(expressions.map(expression => [`/${expression.pattern}/${expression.flags}`, expression])).values()]
  expect(unique.length).toBeGreaterThan(50)
  const refused: string[] = []
  for (const expression of unique) {
    const said = await verdict(expression)
    if (said) refused.push(said)
  }
  expect(refused).toEqual([])
}, 600_000)

test.each([
  String.raw`const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i`,
  String.raw`text.replace(/\/+$/, '')`,
  "new RegExp('<a>(.*)</a>', 'g')",
  'const nested: RegExp = /^(a+)+$/',
])('this one would be found: %s', async source => {
  const [expression] = expressionsOf('example.ts', source)
  expect(await verdict(expression)).toMatch(/^example\.ts:1 .*(polynomial|exponential)$/)
})

test('an expression that is put together at run time is refused', () => {
  expect(() => expressionsOf('example.ts', 'const any = new RegExp(given)')).toThrow('example.ts:1: this expression is not known')
})
