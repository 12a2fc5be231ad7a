/** What `.ci/run` says of test results: which files are run once more, and its last line. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { REPOSITORY } from './command.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'obscura-ci-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes a report of files whose tests have these results. */
function report(name: string, files: Record<string, string[]>): string {
  const testResults = Object.entries(files).map(([file, results]) => ({
    name: path.join(REPOSITORY, file),
    status: results.length === 0 || results.includes('failed') ? 'failed' : 'passed',
    assertionResults: results.map(status => ({ status })),
  }))
  const numPassedTests = Object.values(files)
    .flat()
    .filter(status => status === 'passed').length
  writeFileSync(path.join(folder, name), JSON.stringify({ testResults, numPassedTests }))
  return path.join(folder, name)
}

function run(...parameters: string[]) {
  const { status, stdout } = spawnSync(process.execPath, ['.ci/report.mjs', ...parameters], { cwd: REPOSITORY, encoding: 'utf8' })
  return { status, lines: stdout.trimEnd().split('\n') }
}

const NONE = '/nonexistent.json'

test('files that failed, could not be loaded or left a rejection unhandled are run once more', () => {
  const output = path.join(folder, 'output')
  writeFileSync(output, '\u001b[31mThis error originated in "\u001b[1mc.test.ts\u001b[22m" test file. It\n')
  const first = report('first.json', { 'a.test.ts': ['passed', 'failed'], 'b.test.ts': [], 'd.test.ts': ['passed'] })
  expect(run('failed', first, output).lines).toEqual(['a.test.ts', 'b.test.ts', 'c.test.ts'])
  expect(run('failed', NONE, output).lines).toEqual([''])
})

test('the last line counts what failed in both runs', () => {
  const good = report('good.json', { 'a.test.ts': ['passed', 'passed'] })
  const bad = report('bad.json', { 'a.test.ts': ['passed', 'failed'], 'b.test.ts': [], 'c.test.ts': ['passed'] })
  const stillBad = report('again.json', { 'a.test.ts': ['passed', 'failed'], 'b.test.ts': ['passed'] })
  expect(run('count', '0', good, NONE)).toEqual({ status: 0, lines: ['2 passed, 0 failed'] })
  expect(run('count', '1', bad, NONE)).toEqual({ status: 1, lines: ['2 passed, 2 failed'] })
  expect(run('count', '0', bad, good)).toEqual({ status: 0, lines: ['4 passed, 0 failed'] })
  expect(run('count', '1', bad, stillBad)).toEqual({ status: 1, lines: ['3 passed, 1 failed'] })
})

test('a build, a check or an unhandled rejection that failed is a failure though every test passed', () => {
  const good = report('passed.json', { 'a.test.ts': ['passed'] })
  expect(run('count', '1', good, NONE)).toEqual({ status: 1, lines: ['1 passed, 1 failed'] })
  expect(run('count', '1', NONE, NONE)).toEqual({ status: 1, lines: ['0 passed, 1 failed'] })
  expect(run('count', '1', good, good)).toEqual({ status: 1, lines: ['1 passed, 1 failed'] })
})
