'use strict'
const fs = require('node:fs')
const path = require('node:path')
const readline = require('node:readline')
const { spawn } = require('node:child_process')

/** Milliseconds that an interrupted step has to exit. */
const PATIENCE = 3000

/**
 * Runs the command of a step and appends its output to the file `log`. The command gets its own
 * process group, so that an interrupt reaches npm and all its children, and none of them survives
 * us. `onStart(pid, command)` gets the process ID and a word of its command line, `onLine` each
 * line of output.
 * @returns {Promise<{code: number | string, signal?: string, output: string}>} `signal` is set when
 * we were told to stop
 */
function runStep({ root, step, log, onStart, onLine }) {
  return new Promise(resolve => {
    const [program, ...args] = step.command
    const windows = process.platform === 'win32'
    const child = spawn(program, args, {
      cwd: path.join(root, step.cwd),
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      shell: windows && program === 'npm',
    })
    // The name's first word only: npm-cli.js calls itself "npm ci" in the process list.
    if (child.pid) onStart(child.pid, path.basename(args[0]).split(/[.-]/)[0])
    let output = ''
    let signal
    const onOutput = line => {
      output += `${line}\n`
      onLine(line.trim())
      try {
        fs.appendFileSync(log, `${line}\n`)
      } catch {
        // The disk is full: the command will report it itself.
      }
    }
    for (const stream of [child.stdout, child.stderr]) readline.createInterface({ input: stream }).on('line', onOutput)

    const end = name => {
      if (!child.pid) return
      try {
        process.kill(windows ? child.pid : -child.pid, name)
      } catch (error) {
        if (error.code !== 'ESRCH') throw error
      }
    }
    const onSignal = name => {
      signal = name
      end(name)
      setTimeout(end, PATIENCE, 'SIGKILL').unref()
    }
    const onExit = () => end('SIGKILL')
    process.on('exit', onExit)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, onSignal)
    const finish = (code, by) => {
      process.off('exit', onExit)
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, onSignal)
      resolve({ code: code ?? by, signal, output })
    }
    child.on('error', error => {
      onOutput(
        error.code === 'ENOENT'
          ? `${program} was not found. It comes with Node.js: install it or put it on the PATH.`
          : error.message,
      )
      finish(error.code)
    })
    child.on('close', finish)
  })
}

module.exports = { runStep }
