/**
 * How long /health takes while the service is attacked: `obscura serve` with everything embedded,
 * one attack after the other and then all at once. Attackers run at the lowest priority, since they
 * share this machine with the service.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { positive } from '../options.js'
import { quantile } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { enlargedStreet, repositoryPath } from '../repository.js'
import { addressOf, signIn, USER } from './api-cost/task-flow.js'
import { ATTACKS, runPhoto } from './attack/attacks.js'
import type { Target } from './attack/flood.js'
import { watchHealth } from './attack/health.js'

interface Options {
  seconds: number
  profile?: string
}

const SETTINGS = {
  ...{ LOG_LEVEL: 'silent', PORT: '0', HOST: '127.0.0.1', ENGINE_PROFILE: 'fast', ENGINE_MAX_SECONDS: '60' },
  ...{ WEBHOOK_ALLOW_PRIVATE: '1', OBSCURA_USERNAME: USER.username, OBSCURA_PASSWORD: USER.password },
}
/** Seconds after each attack in which its connections end. */
const PAUSE = 2

const ALL = Object.keys(ATTACKS)

export function command(command: Command): Command {
  return command
    .argument('[attacks...]', `any of ${ALL.join(', ')}; several joined by "+" run at once; default: each, then all at once`)
    .option('--seconds <number>', 'of each attack', positive, 8)
    .option('--profile <folder>', 'write a CPU profile of the service')
}

export async function run({ seconds, profile }: Options, names: string[]): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-attack-'))
  const service = start(folder, profile)
  try {
    const client = await signIn(await addressOf(service.stdout!))
    const photo = await enlargedStreet(800, 600).jpeg().toBuffer()
    const target = { ...client, taskId: await runPhoto(client, photo) }
    const rows: Table['rows'] = [await measure(service, target, [], seconds)]
    for (const name of names.length > 0 ? names : [...ALL, ALL.join('+')]) {
      rows.push(await measure(service, target, name.split('+'), seconds))
      await sleep(PAUSE * 1000)
    }
    const head = [
      'attack',
      'requests',
      'median (ms)',
      'p99 (ms)',
      'slowest (ms)',
      'CPU meanwhile: median (ms)',
      'most (ms)',
      'longest turn (ms)',
      'of it CPU (ms)',
    ]
    return [
      {
        head,
        rows,
        note: `${seconds} s each; attackers at nice 19. CPU is that of the service's main thread: what the times are on an idle machine.`,
      },
    ]
  } finally {
    service.send('end')
    await once(service, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

function start(folder: string, profile?: string): ChildProcess {
  const execArgv = ['--import', new URL('attack/loop-delay.js', import.meta.url).href]
  if (profile) execArgv.push('--cpu-prof', `--cpu-prof-dir=${profile}`)
  return fork(repositoryPath('apps/cli/dist/main.js'), ['serve'], {
    env: { ...process.env, ...SETTINGS, OBSCURA_DATA: folder },
    execArgv,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

/** What /health does during an attack. */
async function measure(service: ChildProcess, target: Target, names: string[], seconds: number): Promise<Table['rows'][number]> {
  const attackers = names.map(name => fork(new URL('attack/attacker.js', import.meta.url), [name, JSON.stringify(target)]))
  await longestTurn(service)
  const answers = await watchHealth(target.url, service.pid!, AbortSignal.timeout(seconds * 1000))
  for (const attacker of attackers) attacker.kill('SIGKILL')
  const { ms, cpuMs } = await longestTurn(service)
  const times = answers.map(answer => answer.ms)
  const cpu = answers.map(answer => answer.cpuMs)
  const figures = [
    quantile(times, 0.5),
    quantile(times, 0.99),
    Math.max(...times),
    quantile(cpu, 0.5),
    Math.max(...cpu),
    ms,
    cpuMs,
  ]
  const title = names.length > 3 ? `${names.length} at once` : names.join(' + ') || 'none'
  return [title, answers.length, ...figures.map(figure => figure.toFixed(0))]
}

/** Of the event loop since it was last asked. */
async function longestTurn(service: ChildProcess): Promise<{ ms: number; cpuMs: number }> {
  service.send('turn')
  const [turn] = (await once(service, 'message')) as [{ ms: number; cpuMs: number }]
  return turn
}
