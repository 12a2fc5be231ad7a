/** docker-compose.yml, unchanged, on a Docker engine that runs for the tests alone. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort, until } from '@obscura/test-servers/server-folder'
import { REPOSITORY } from '../command.js'
import { cloneOf } from './history.js'

const run = promisify(execFile)
const HEALTHY_SECONDS = 240

export interface Stack {
  /** A clone of this repository, with .env. */
  folder: string
  /** The commands of a section of the clone's documents, without comments. */
  commands(heading: string): Promise<string[]>
  /** Checks out another version: everything that follows runs that one, with its own .env. */
  checkOut(version: string): Promise<void>
  /** The values in .env. */
  settings: Record<string, string>
  docker(...args: string[]): Promise<string>
  /**
   * Runs a line of a document; `docker compose` is the installed docker-compose. @throws when it
   * fails
   */
  shell(line: string, input?: string): Promise<string>
  /** IDs of the running containers of a service. */
  containers(service: string): Promise<string[]>
  /** Ends a container as a crash would. */
  crash(container: string): Promise<void>
  /** Waits until `count` containers with a health check run, and all are healthy. */
  healthy(count: number): Promise<void>
  /** Writes a value into .env. */
  set(name: string, value: string): Promise<void>
  /** Stops the engine, and starts it again. */
  restartEngine(): Promise<void>
  remove(): Promise<void>
}

/** Makes a clone of the repository and its .env; tests/compose/images.sh made the images. */
export async function prepareStack(engine: string): Promise<Stack> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'obscura-compose-'))
  const folder = await cloneOf(REPOSITORY, temporary)
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${engine}/docker.sock`,
    // As in newer versions by default.
    DOCKER_BUILDKIT: '1',
    COMPOSE_DOCKER_CLI_BUILD: '1',
    COMPOSE_PROJECT_NAME: 'obscura',
  }
  const call = async (program: string, ...args: string[]) =>
    (await run(program, args, { cwd: folder, env, maxBuffer: 64e6 })).stdout.trim()
  const docker = (...args: string[]) => call('docker', ...args)
  const inspect = (container: string, format: string) => docker('inspect', '--format', format, container)
  const containers = async (service: string) =>
    (await docker('ps', '--quiet', '--filter', `label=com.docker.compose.service=${service}`)).split('\n').filter(Boolean)

  const settings: Record<string, string> = {}
  const write = () => writeFile(path.join(folder, '.env'), asText(settings))
  Object.assign(settings, await exampleSettings(folder))
  await write()
  return {
    folder,
    settings,
    commands: heading => commandsOf(folder, heading),
    async checkOut(version) {
      await call('git', 'reset', '--quiet', '--hard', version)
      for (const name of Object.keys(settings)) delete settings[name]
      Object.assign(settings, await exampleSettings(folder))
      await write()
    },
    docker,
    containers,
    shell: (line, input = '') => shell(line, input, folder, env),
    crash: async container => {
      process.kill(Number(await inspect(container, '{{.State.Pid}}')), 'SIGKILL')
    },
    async healthy(count) {
      await until(async () => {
        const states = await docker('ps', '--format', '{{.Status}}', '--filter', 'health=healthy')
        const others = await docker('ps', '--quiet', '--filter', 'health=starting', '--filter', 'health=unhealthy')
        return states.split('\n').filter(Boolean).length === count && others === ''
      }, HEALTHY_SECONDS)
    },
    async set(name, value) {
      settings[name] = value
      await write()
    },
    async restartEngine() {
      process.kill(Number(await readFile(`${engine}/docker.pid`, 'utf8')), 'SIGTERM')
      // It removes the file when it has stopped the containers and itself.
      await until(async () => !existsSync(`${engine}/docker.pid`), 240)
      await run(path.join(REPOSITORY, 'tests/servers/engine.sh'), [engine], { env })
    },
    async remove() {
      await docker('ps', '--all', '--quiet').then(all => all && docker('rm', '--force', '--volumes', ...all.split('\n')))
      await docker('volume', 'prune', '--force')
      await docker('network', 'prune', '--force')
      await rm(temporary, { recursive: true, force: true })
    },
  }
}

/** The commands of a section of docs/install.md or docs/operations.md. */
async function commandsOf(folder: string, heading: string): Promise<string[]> {
  // Earlier versions have one of them only.
  const files = ['docs/install.md', 'docs/operations.md'].map(file => path.join(folder, file)).filter(existsSync)
  const section = (await Promise.all(files.map(file => readFile(file, 'utf8'))))
    .join('')
    .split(/^## /m)
    .find(part => part.startsWith(heading))!
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block.replaceAll('\\\n', ''))
  const inline = [...section.matchAll(/`((?:git pull && )?docker compose [^`\n]+)`/g)].map(([, line]) => line)
  return [...blocks.flatMap(block => block.trim().split('\n')), ...inline].map(line => line.replace(/\s+#.*/, ''))
}

/** docker/.env.example as its comments say, on free ports, with small workers. */
async function exampleSettings(folder: string): Promise<Record<string, string>> {
  const example = await readFile(path.join(folder, 'docker/.env.example'), 'utf8')
  const values = Object.fromEntries([...example.matchAll(/^([A-Z_0-9]+)=(.*)$/gm)].map(([, name, value]) => [name, value]))
  for (const name of Object.keys(values).filter(name => values[name].startsWith('change-me')))
    values[name] = randomBytes(24).toString('hex')
  const [api, s3] = [String(await freePort()), String(await freePort())]
  return {
    ...values,
    ...{ API_PORT: api, PUBLIC_URL: `http://127.0.0.1:${api}`, S3_PORT: s3, S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${s3}` },
    ...{ POSTGRES_IMAGE: 'stand-in/postgres', REDIS_IMAGE: 'stand-in/redis', S3_IMAGE: 'stand-in/s3' },
    // The version that is upgraded may know the first by its earlier name.
    ...{ ENGINE_PROCESSES: '1', ENGINE_CHILDREN: '1' },
    ...{ ENGINE_PROFILE: 'fast', WORKER_MEMORY: '2G', MIN_FREE_MEMORY_MB: '200' },
    ...{ WEBHOOK_ALLOW_PRIVATE: '1', TASK_LEASE_SECONDS: '5' },
  }
}

function asText(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/**
 * Debian's docker-compose is a program of its own, and allocates a terminal in `exec` by default.
 */
const COMPOSE = `docker() {
  if [ "$1" != compose ]; then command docker "$@"; return; fi
  shift
  if [ "$1" = exec ] && [ "$2" != -T ]; then shift; set -- exec -T "$@"; fi
  docker-compose "$@"
}`

async function shell(line: string, input: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('bash', ['-c', `set -e\n${COMPOSE}\n${line}`], { cwd, env })
  let printed = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    printed += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    complaints += text
  })
  child.stdin.end(input)
  const code = await new Promise(resolve => child.on('close', resolve))
  if (code !== 0) throw new Error(`"${line}" ended with ${code}:\n${printed}${complaints}`.slice(-4000))
  return printed
}
