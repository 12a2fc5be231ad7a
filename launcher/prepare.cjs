'use strict'
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { adviceFor, reasonIn } = require('./advice.cjs')
const { takeLock } = require('./lock.cjs')
const { duration, showStep } = require('./progress.cjs')
const { runStep } = require('./run.cjs')
const { contents, doneState, glance, outputFiles } = require('./stamp.cjs')

/** A step failed or was interrupted; the message says what to do, `exitCode` is the launcher's. */
class PreparationError extends Error {
  constructor(message, exitCode) {
    super(message)
    this.name = 'PreparationError'
    this.exitCode = exitCode
  }
}

/**
 * State of this clone: `done` is the record of each step's last success, `seconds` the duration of
 * each.
 */
function openState(file) {
  let state = { done: {}, seconds: {} }
  const load = () => {
    try {
      state = JSON.parse(fs.readFileSync(file, 'utf8'))
    } catch {
      // Missing or damaged: all steps run again.
    }
    return state
  }
  const save = () => {
    fs.writeFileSync(`${file}.tmp`, JSON.stringify(state))
    fs.renameSync(`${file}.tmp`, file)
  }
  return { load, save }
}

/**
 * The steps to run, from the current state; the records of steps whose inputs were only touched are
 * updated.
 */
function pending(root, steps, store) {
  const { done } = store.load()
  return steps.filter(step => {
    const found = doneState(root, step, done[step.name])
    if (found === 'touched') {
      done[step.name].glance = glance(root, step)
      store.save()
    }
    return found === 'no'
  })
}

/** npm exits with 0 although it could not write every file of a package: it only warns. */
const CUT_SHORT = /TAR_ENTRY_ERROR|ENOSPC|EDQUOT/

/** Runs one step and records its success. @throws PreparationError */
async function doStep({ root, step, label, seconds, store, lock, stream, log }) {
  const state = store.load()
  // Deleted before it runs: an interrupted step counts as not done, even if its inputs change back.
  delete state.done[step.name]
  store.save()
  const inputs = { glance: glance(root, step), contents: contents(root, step) }
  const began = performance.now()
  const shown = showStep(stream, label, seconds)
  const { code, signal, output } = await runStep({ root, step, log, onStart: lock.child, onLine: shown.detail })
  if (signal) {
    shown.end('interrupted')
    throw new PreparationError('Run the same command again: it continues where it stopped.', 128 + os.constants.signals[signal])
  }
  if (code !== 0 || CUT_SHORT.test(output)) {
    shown.end('failed')
    const command = step.command.map(part => path.basename(part)).join(' ')
    throw new PreparationError(
      `${reasonIn(output)}\n\n"${command}" in ${path.resolve(root, step.cwd)} failed with exit code ${code}.\n${adviceFor(output)}\n` +
        `Then run the same command again: it continues where it stopped. The full output is in ${log}.`,
      1,
    )
  }
  shown.end('done')
  state.done[step.name] = { ...inputs, outputs: outputFiles(root, step) }
  state.seconds[step.name] = (performance.now() - began) / 1000
  store.save()
}

/**
 * Runs the `steps` that are not done in the clone in `root`. After an interrupt, the next call
 * continues. Concurrent calls wait for each other. Progress goes to stderr, because stdout belongs
 * to the command that follows.
 * @throws PreparationError
 */
async function prepare(root, steps, stream = process.stderr) {
  const folder = path.join(root, '.prepared')
  const store = openState(path.join(folder, 'state.json'))
  const { done } = store.load()
  if (steps.every(step => doneState(root, step, done[step.name]) === 'yes')) return
  fs.mkdirSync(folder, { recursive: true })
  const lock = await takeLock(path.join(folder, 'lock'), pid => {
    stream.write(`Another process (${pid}) is preparing this clone; waiting for it.\n`)
  })
  try {
    const todo = pending(root, steps, store)
    if (todo.length === 0) return
    const seconds = todo.map(step => store.load().seconds[step.name] ?? step.seconds)
    const total = seconds.reduce((a, b) => a + b)
    stream.write(`Preparing this clone of Obscura, about ${duration(total)}. Later starts skip completed steps.\n`)
    const log = path.join(folder, 'prepare.log')
    fs.writeFileSync(log, '')
    for (const [i, step] of todo.entries()) {
      const label = `[${i + 1}/${todo.length}] ${step.title}`
      await doStep({ root, step, label, seconds: seconds[i], store, lock, stream, log })
    }
  } finally {
    lock.release()
  }
}

module.exports = { prepare }
