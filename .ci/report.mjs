// Reads vitest's JSON reports for .ci/run.
//   report.mjs failed REPORT OUTPUT        the test files that failed, a line each
//   report.mjs count STATUS REPORT AGAIN   "N passed, N failed", with the results of a second run
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
const COMMANDS = { failed: listFailed, count }

function read(report) {
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
}

/** Files that failed, that could not be loaded, or that left a rejection unhandled. */
function failedFiles(results, output) {
  const files = results.testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name))
  const unhandled = output.replace(COLOURS, '').matchAll(/This error originated in "([^"\s]+)" test file/g)
  return [...new Set([...files, ...[...unhandled].map(([, file]) => file)])]
}

function listFailed(report, output) {
  const results = read(report)
  if (results) for (const file of failedFiles(results, readFileSync(output, 'utf8'))) console.log(file)
}

/** A file that could not be loaded counts as one; so does a failed build, lint or type check. */
function failures({ testResults }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .reduce(
      (sum, { assertionResults }) => sum + Math.max(1, assertionResults.filter(({ status }) => status === 'failed').length),
      0,
    )
}

function count(status, report, again) {
  const first = read(report)
  const second = read(again)
  const passed = first?.numPassedTests ?? 0
  const failed = first ? failures(first) : 0
  const left = second ? failures(second) : failed
  const failedInAll = status === '0' ? left : Math.max(1, left)
  console.log(`${passed + Math.max(0, failed - left)} passed, ${failedInAll} failed`)
  process.exitCode = failedInAll === 0 ? 0 : 1
}

const [command, ...parameters] = process.argv.slice(2)
COMMANDS[command](...parameters)
