'use strict'
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

/** Folders that hold results rather than sources. */
const RESULTS = new Set(['node_modules', 'dist', 'cache', 'out'])

/**
 * All files at or below `start` (relative to `root`), sorted; folders named in `skip` are left out,
 * a missing start is empty.
 */
function filesBelow(root, start, skip) {
  const stat = fs.statSync(path.join(root, start), { throwIfNoEntry: false })
  if (!stat) return []
  if (stat.isFile()) return [start]
  return fs
    .readdirSync(path.join(root, start), { withFileTypes: true })
    .filter(entry => !skip.has(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const file = path.posix.join(start, entry.name)
      if (entry.isDirectory()) return filesBelow(root, file, skip)
      return entry.isFile() ? [file] : []
    })
}

function inputFiles(root, step) {
  return step.inputs.flatMap(start => filesBelow(root, start, RESULTS)).filter(file => step.only.test(file))
}

function digest(parts) {
  const hash = crypto.createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/**
 * Fingerprint by name, size and time of change: a few milliseconds, and differs whenever the
 * contents may.
 */
function glance(root, step) {
  return digest(
    inputFiles(root, step).map(file => {
      const { size, mtimeMs } = fs.statSync(path.join(root, file))
      return `${file}\0${size}\0${mtimeMs}\n`
    }),
  )
}

/** Fingerprint by contents, for the platform whose binaries the step installs. */
function contents(root, step) {
  const files = inputFiles(root, step).flatMap(file => [`${file}\0`, fs.readFileSync(path.join(root, file))])
  return digest([
    `${process.platform} ${process.arch} ${step.command
      .slice(1)
      .map(part => path.basename(part))
      .join(' ')}\n`,
    ...files,
  ])
}

/**
 * The files that a step left behind: they must all still be there for the step to count as done.
 */
function outputFiles(root, step) {
  return step.outputs.flatMap(start => filesBelow(root, start, new Set()))
}

/**
 * Whether a step is done, by the record of its last success: `no`, `yes`, or `touched` when only
 * the times of its inputs differ (a fresh checkout of the same contents).
 */
function doneState(root, step, record) {
  if (!record?.outputs.every(file => fs.existsSync(path.join(root, file)))) return 'no'
  if (record.glance === glance(root, step)) return 'yes'
  return record.contents === contents(root, step) ? 'touched' : 'no'
}

module.exports = { glance, contents, outputFiles, doneState }
