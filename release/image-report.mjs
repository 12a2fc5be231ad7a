/**
 * Says of an image how large it is and of what, how soon it is ready, and what is in it that
 * scanners for vulnerabilities and licences ask about. Needs a Docker engine.
 *
 * usage: npm run image:report -- [IMAGE]
 */
import { execFileSync } from 'node:child_process'

const MAX_START_SECONDS = 120
/** Programs that install, compile, or fetch. */
const TOOLS = 'npm npx yarn corepack cc gcc g++ make python3 perl git curl wget apt-get'
/** Folders whose size is named; what remains is the base image. */
const PARTS = {
  'Node.js': '/usr/local/bin/node',
  packages: '/obscura/node_modules',
  models: '/obscura/models',
  'code and documents': '/obscura/apps /obscura/packages /obscura/launcher /obscura/docs /obscura/deploy',
}

const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8', maxBuffer: 64e6 }).trim()
const megabytes = bytes => `${Math.round(bytes / 1e6)} MB`

/** Seconds from the start of a container until it answers its own health check. */
function waitUntilReady(id, start) {
  const check = `const ask = () => fetch('http://127.0.0.1:8080/ready').then(({ ok }) => ok || Promise.reject()).catch(() => setTimeout(ask, 50)); ask()`
  docker('exec', id, 'timeout', String(MAX_START_SECONDS), 'node', '-e', check)
  return (Date.now() - start) / 1000
}

/** @returns lines of the report: what, and its value */
function report(image) {
  const { Size, Os, Architecture, Config } = JSON.parse(docker('image', 'inspect', image))[0]
  const start = Date.now()
  const id = docker('run', '--detach', '--rm', image)
  try {
    const seconds = waitUntilReady(id, start)
    const inside = line => docker('exec', '--user', '0', id, 'sh', '-c', line)
    return {
      image: `${image}, ${Os}/${Architecture}`,
      size: sizes(Size, inside),
      'ready after': `${seconds.toFixed(1)} s`,
      user: Config.User,
      'Debian packages': inside('find /var/lib/dpkg/info -name "*.list" 2>/dev/null | wc -l'),
      'tools to install, compile or fetch': list(inside(`for name in ${TOOLS}; do command -v $name || true; done`)),
      'set-user-id files': list(inside('find / -xdev -type f -perm /6000')),
      'npm packages': licences(JSON.parse(inside('cat /obscura/sbom.cdx.json'))),
      'licence texts added': inside('ls /obscura/licenses | wc -l'),
    }
  } finally {
    docker('rm', '--force', '--volumes', id)
  }
}

function sizes(total, inside) {
  const parts = Object.entries(PARTS).map(([name, folders]) => {
    const sum = inside(`find ${folders} -type f -print0 | du --files0-from=- --bytes --total | tail -n 1`)
    return [name, Number(sum.split(/\s/)[0])]
  })
  const rest = total - parts.reduce((sum, [, size]) => sum + size, 0)
  const named = [['base', rest], ...parts].map(([name, size]) => `${name} ${megabytes(size)}`)
  return `${megabytes(total)}: ${named.join(', ')}`
}

/** The number of components, and that under each licence. */
function licences({ components }) {
  const numbers = {}
  for (const { license, expression } of components.flatMap(component => component.licenses)) {
    const name = expression ?? license.id ?? license.name
    numbers[name] = (numbers[name] ?? 0) + 1
  }
  return `${components.length}: ${Object.entries(numbers)
    .map(entry => entry.join(' '))
    .join(', ')}`
}

function list(lines) {
  return lines.split('\n').filter(Boolean).join(' ') || 'none'
}

for (const [what, value] of Object.entries(report(process.argv[2] ?? 'obscura:local')))
  console.log(`${`${what}:`.padEnd(36)}${value}`)
