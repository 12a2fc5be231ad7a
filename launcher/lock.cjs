'use strict'
const fs = require('node:fs')
const os = require('node:os')
const { execFileSync } = require('node:child_process')

/**
 * Interval between heartbeats of a holder, and silence after which a waiter takes the lock over, in
 * ms.
 */
const BEAT = 1000
const SILENCE = 15_000

/**
 * Identifies the scope of process IDs. Containers have their own, even where they share a host
 * name: Linux identifies the boot and the pid namespace.
 */
const PLACE = [os.hostname(), ...['/proc/sys/kernel/random/boot_id', '/proc/self/ns/pid'].map(told)].join(' ')

function told(file) {
  try {
    return (file.endsWith('/pid') ? fs.readlinkSync(file) : fs.readFileSync(file, 'utf8')).trim()
  } catch {
    return ''
  }
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

function read(file) {
  try {
    return { ...JSON.parse(fs.readFileSync(file, 'utf8')), beat: fs.statSync(file).mtimeMs }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    // incomplete
    return { pid: 0, place: '', beat: fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs }
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** The command line of a process; empty when it is gone or unknown. */
function commandLine(pid) {
  try {
    if (process.platform === 'linux') return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/**
 * Kills the step that a killed launcher left running, so that two of them do not write to the same
 * folders.
 */
function endOrphan(holder) {
  if (holder.place !== PLACE || !holder.child) return
  const { pid, command } = holder.child
  if (!commandLine(pid).includes(command)) return // The process is gone and its ID has been reused.
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/**
 * Removes an abandoned lock. Only one waiter may do so: another might already hold a new lock of
 * the same name.
 */
function breakLock(file, holder) {
  const guard = `${file}.break`
  try {
    fs.writeFileSync(guard, '', { flag: 'wx' })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (Date.now() - (fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > SILENCE)
      fs.rmSync(guard, { force: true })
    return
  }
  const now = read(file)
  if (now && now.pid === holder.pid && now.beat === holder.beat) {
    endOrphan(now)
    fs.rmSync(file, { force: true })
  }
  fs.rmSync(guard, { force: true })
}

/**
 * Takes the lock, waiting while another living launcher holds it (`onWait` is called once with its
 * process id). A holder that died on this machine loses it immediately; one without heartbeats
 * (another machine or container, a reused process ID) after 15 s.
 * @returns the held lock: `child(pid, command)` names the process that works under it, `release()`
 * gives it back
 */
async function takeLock(file, onWait) {
  let seen
  for (;;) {
    try {
      fs.writeFileSync(file, JSON.stringify({ pid: process.pid, place: PLACE }), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = read(file)
    if (!holder) continue
    if (!seen) onWait(holder.pid)
    if (!seen || seen.beat !== holder.beat) seen = { beat: holder.beat, since: performance.now() }
    const dead = holder.place === PLACE && !alive(holder.pid)
    if (dead || performance.now() - seen.since > SILENCE) breakLock(file, holder)
    else await sleep(200)
  }
  const heart = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), BEAT)
  heart.unref()
  return {
    child: (pid, command) => fs.writeFileSync(file, JSON.stringify({ pid: process.pid, place: PLACE, child: { pid, command } })),
    release: () => {
      clearInterval(heart)
      if (read(file)?.pid === process.pid) fs.rmSync(file, { force: true })
    },
  }
}

module.exports = { takeLock }
