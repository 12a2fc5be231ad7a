'use strict'
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { adviceFor } = require('./advice.cjs')
const { prepare } = require('./prepare.cjs')

const root = path.resolve(__dirname, '..')

// A closed reader of the progress output (| head) must not stop the work.
process.stderr.on('error', () => {})

/** How often to check that npm is still running, in ms. */
const POLL_MS = 500

/**
 * Stops this process cleanly when the npm that started it is gone: npm passes on SIGINT and
 * SIGTERM, but SIGHUP (a closed terminal) or SIGKILL would leave the service running. Signals reach
 * us thanks to `exec` in package.json: a shell in between would swallow them.
 */
function endWithNpm() {
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    process.kill(process.pid, 'SIGHUP')
  }, POLL_MS)
  looking.unref()
}

/**
 * Prepares the clone if anything is missing or stale, then runs the command line of apps/cli in
 * this process.
 */
async function main() {
  if (process.env.npm_lifecycle_event === 'start') endWithNpm()
  await prepare(root, require('./steps.cjs'))
  if (process.argv[2] === 'prepare') console.error('Everything is ready.')
  else await import(pathToFileURL(path.join(root, 'apps/cli/dist/main.js')).href)
}

main().catch(error => {
  // A PreparationError carries a sentence for the user, system errors (a full disk) get advice;
  // anything else is a bug and is shown with its stack.
  if (error.name === 'PreparationError') console.error(`\n${error.message}`)
  else console.error(error.syscall ? `\n${error.message}\n${adviceFor(error.message)}` : error)
  process.exitCode = error.exitCode || 1
})
