'use strict'
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { adviceFor } = require('./advice.cjs')
const { prepare } = require('./prepare.cjs')

const root = path.resolve(__dirname, '..')

// Progress that nobody reads any more (| head) is no reason to stop.
process.stderr.on('error', () => {})

/** Prepares the clone if anything is missing or stale, then hands over to the command line of apps/cli in this same process. */
async function main() {
  await prepare(root, require('./steps.cjs'))
  if (process.argv[2] === 'prepare') console.error('Everything is prepared.')
  else await import(pathToFileURL(path.join(root, 'apps/cli/dist/main.js')).href)
}

main().catch(error => {
  // A PreparationError carries a sentence for the user, the system's errors (a full disk) get one; anything else is a defect and needs its stack.
  if (error.name === 'PreparationError') console.error(`\n${error.message}`)
  else console.error(error.syscall ? `\n${error.message}\n${adviceFor(error.message)}` : error)
  process.exitCode = error.exitCode || 1
})
