import { FAILURE_CAUSES, type FailureCause, TASK_STATUSES, type TaskStatus } from '@obscura/contract'
import { Command, InvalidArgumentError, Option } from 'commander'
import { Failure } from '../failure.js'
import type { Desk } from './desk.js'
import { readWhen } from './when.js'

const HELP = `
The commands use the same settings as the service. With DATABASE_URL they work beside any number of running processes. The embedded database
is asked through the service that runs on this machine, or opened when none runs; in a container: docker compose exec api node
apps/cli/dist/main.js tasks list.

Times are so long ago (30m, 2h, 3d, 1w), a day (2026-11-21, in UTC) or an instant (2026-11-21T18:00Z).

Examples:
  $ obscura tasks list                                           the newest 20 tasks
  $ obscura tasks list --status failed --since 1d --limit 100
  $ obscura tasks show 1690264444814157                          everything about one task
  $ obscura tasks retry 1690264444814157
  $ obscura tasks retry --cause INTERNAL_ERROR --since 2h        all that failed so in the last two hours
  $ obscura tasks list --json | jq '.[].id'`

const LIST_HELP = `
Newest first. STATUS is new (no file yet), queued, processing, done, failed or deleted; FAILURE is the last thing that went wrong, even if the task
was done after it.`

const RETRY_HELP = `
A task can be tried again while its original is there: until RETENTION_DAYS, or its deletion. Its crashes are counted from 0 again, its webhook is sent
again, and nothing else about it changes. Tasks that cannot be tried again are named, with the reason. Find the cause first (obscura tasks show, the
log): what crashed the engine will crash it again. --dry-run only says how many there are.`

interface Filters {
  customer?: string
  cause?: FailureCause
  since?: Date
}

interface ListFlags extends Filters {
  status?: TaskStatus
  before?: Date
  limit: number
  json?: boolean
}

interface RetryFlags extends Filters {
  all?: boolean
  dryRun?: boolean
}

const cause = () => new Option('--cause <cause>', 'only tasks that failed for this').choices(FAILURE_CAUSES)

/** `obscura tasks` */
export function tasksCommand(): Command {
  return new Command('tasks')
    .description('For operators: list tasks of all customers, show one, queue failed ones again.')
    .addHelpText('after', HELP)
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(retryCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('List tasks, newest first.')
    .addOption(new Option('--status <status>', 'only tasks in this state').choices(TASK_STATUSES))
    .addOption(cause())
    .option('--customer <name>', "only this customer's")
    .option('--since <time>', 'only tasks created since then', text => readWhen(text))
    .option('--before <time>', 'only tasks created before then', text => readWhen(text))
    .option('--limit <number>', 'how many at most', readLimit, 20)
    .option('--json', 'print a JSON array')
    .addHelpText('after', LIST_HELP)
    .action(async ({ since, before, json, ...selection }: ListFlags) => {
      const tasks = await atDesk(desk => desk.select({ ...selection, createdFrom: since, createdBefore: before }))
      const { table } = await import('./print.js')
      console.log(json ? JSON.stringify(tasks, undefined, 2) : table(tasks))
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('Show one task: timeline, attempts, failure, worker, webhook, files.')
    .argument('<id>', 'task_id', readId)
    .option('--json', 'print a JSON object')
    .action(async (id: number, { json }: { json?: boolean }) => {
      const task = await atDesk(desk => desk.inspect(id))
      if (!task) throw new Failure(`There is no task ${id}.`)
      const { details } = await import('./print.js')
      console.log(json ? JSON.stringify(task, undefined, 2) : details(task))
    })
}

function retryCommand(): Command {
  return new Command('retry')
    .description('Queue failed tasks again: those named, or all of a cause.')
    .argument('[id...]', 'task_id', (text, ids: number[] | undefined) => [...(ids ?? []), readId(text)])
    .addOption(cause())
    .option('--customer <name>', "only this customer's")
    .option('--since <time>', 'only tasks that failed since then', text => readWhen(text))
    .option('--all', 'whatever they failed for')
    .option('--dry-run', 'only say how many there are')
    .addHelpText('after', RETRY_HELP)
    .action(async (ids: number[], flags: RetryFlags) => {
      const { countSelected, report, retrySelected, retryThese } = await import('./retry.js')
      const { cause: wanted, customer, since, all, dryRun } = flags
      const chosen = wanted !== undefined || all === true
      if (ids.length > 0 ? chosen || customer || since : !chosen)
        throw new Failure('Either name tasks, or choose them by --cause or --all. obscura tasks retry --help shows how.')
      if (ids.length > 0) return console.log(report(await atDesk(desk => retryThese(desk, ids))))
      const selection = { cause: wanted, customer, endedFrom: since }
      if (dryRun) return console.log(`${await atDesk(desk => countSelected(desk, selection))} failed tasks would be tried again.`)
      console.log(report(await atDesk(desk => retrySelected(desk, selection))))
    })
}

async function atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  // Loading the database takes longer than the other commands take to start.
  const [{ openDesk }, { readSettings }] = await Promise.all([import('./desk.js'), import('../settings.js')])
  const desk = await openDesk(readSettings())
  try {
    return await work(desk)
  } finally {
    await desk.close()
  }
}

function readId(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw new InvalidArgumentError('A task_id is a number of 16 digits.')
  return Number(text)
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1 to 999999.')
  return Number(text)
}
