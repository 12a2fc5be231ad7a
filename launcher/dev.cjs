'use strict'
const path = require('node:path')
const readline = require('node:readline')
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

function node(args, stdio) {
  return spawn(process.execPath, args, { cwd: root, stdio })
}

const pretty = node(
  [path.join('node_modules', 'pino-pretty', 'bin.js'), '--colorize', '--ignore', 'pid,hostname'],
  ['pipe', 'inherit', 'inherit'],
)
let service
let isRestarting = false

function start() {
  service = node(SERVICE, ['inherit', 'inherit', 'pipe'])
  service.stderr.pipe(pretty.stdin, { end: false })
}

async function restart() {
  if (isRestarting) return
  isRestarting = true
  if (service && service.exitCode === null && service.signalCode === null) {
    const gone = new Promise(resolve => service.once('exit', resolve))
    const timer = setTimeout(() => service.kill('SIGKILL'), CLOSE_TIMEOUT_MS)
    service.kill('SIGTERM')
    await gone
    clearTimeout(timer)
  }
  isRestarting = false
  start()
}

const compiler = node(
  [path.join('node_modules', 'typescript', 'bin', 'tsc'), '-b', '--watch', '--preserveWatchOutput'],
  ['ignore', 'pipe', 'inherit'],
)
readline.createInterface({ input: compiler.stdout }).on('line', line => {
  if (/Found 0 errors/.test(line)) restart()
  else if (line.trim() !== '') console.error(line)
})
compiler.on('exit', code => process.exit(code ?? 1))

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    compiler.removeAllListeners('exit').kill()
    if (service && service.exitCode === null) {
      const gone = new Promise(resolve => service.once('exit', resolve))
      service.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
      await gone
    }
    process.exit(0)
  })
}
