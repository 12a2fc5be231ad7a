'use strict'
const fs = require('node:fs')
const path = require('node:path')
const { spawn } = require('node:child_process')

/**
 * `npm run dev`: compiles on every change and, when that succeeds, starts the service again with
 * what was compiled. What follows `--` goes to
 * `obscura serve`, except for `--inspect...`, which is Node.js's.
 */
const root = path.resolve(__dirname, '..')
const options = process.argv.slice(2)
const isInspect = option => option.startsWith('--inspect')
const SERVICE = [
  '--enable-source-maps',
  ...options.filter(isInspect),
  path.join('apps', 'cli', 'dist', 'main.js'),
  'serve',
  ...options.filter(option => !isInspect(option)),
]
/** Milliseconds that the service has for ending by itself. */
const CLOSE_TIMEOUT_MS = 3000
/** Milliseconds to wait for further changes: editors write several files at once. */
const PAUSE_MS = 100

function node(args, stdio) {
  return spawn(process.execPath, args, { cwd: root, stdio })
}

const pretty = node(
  [path.join('node_modules', 'pino-pretty', 'bin.js'), '--colorize', '--ignore', 'pid,hostname'],
  ['pipe', 'inherit', 'inherit'],
)
let service
let pause
let hasChanged = false
let isRenewing = false

const isRunning = process => process && process.exitCode === null && process.signalCode === null

function start() {
  service = node(SERVICE, ['inherit', 'inherit', 'pipe'])
  service.stderr.pipe(pretty.stdin, { end: false })
}

/** Ends the service, if it runs, and starts it again. */
async function restart() {
  if (isRunning(service)) {
    const gone = new Promise(resolve => service.once('exit', resolve))
    const timer = setTimeout(() => service.kill('SIGKILL'), CLOSE_TIMEOUT_MS)
    service.kill('SIGTERM')
    await gone
    clearTimeout(timer)
  }
  start()
}

function compile() {
  const compiler = node([path.join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], ['ignore', 'inherit', 'inherit'])
  return new Promise(resolve => compiler.once('exit', code => resolve(code === 0)))
}

/** Compiles and restarts; what changes meanwhile is compiled afterwards. */
async function renew() {
  hasChanged = true
  if (isRenewing) return
  isRenewing = true
  while (hasChanged) {
    hasChanged = false
    if (await compile()) await restart()
  }
  isRenewing = false
}

const isSource = file => file.split(path.sep).includes('src') && ['.ts', '.sql'].includes(path.extname(file))

// The compiler's own --watch misses changes in its first seconds.
for (const folder of ['apps', 'packages']) {
  fs.watch(path.join(root, folder), { recursive: true }, (_, file) => {
    if (!isSource(file ?? '')) return
    clearTimeout(pause)
    pause = setTimeout(renew, PAUSE_MS)
  })
}
renew()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (isRunning(service)) {
      const gone = new Promise(resolve => service.once('exit', resolve))
      service.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
      await gone
    }
    process.exit(0)
  })
}
