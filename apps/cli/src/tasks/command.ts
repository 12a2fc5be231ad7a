import {
  EXPORT_FORMATS,
  type ExportFormat,
  FAILURE_CAUSES,
  type FailureCause,
  TASK_STATUSES,
  type TaskStatus,
} from '@obscura/contract'
import { Command, InvalidArgumentError, Option } from 'commander'
import { CommandError } from '../command-error.js'
import type { TaskAdmin } from './task-admin.js'
import { parseTime } from './time.js'

const HELP = `
The commands use the same settings as the service. With DATABASE_URL they work beside any number of running processes.
The embedded database is accessed through the service running on this machine, or opened directly if none is running;
in a container: docker compose exec api obscura tasks list.

Times are durations before now (30m, 2h, 3d, 1w), days (2026-11-21, UTC) or points in time (2026-11-21T18:00Z).

Examples:
  $ obscura tasks list                                           the newest 20 tasks
  $ obscura tasks list --status failed --since 1d --limit 100
  $ obscura tasks show 1690264444814157                          everything about one task
  $ obscura tasks retry 1690264444814157
  $ obscura tasks retry --cause INTERNAL_ERROR --since 2h        all that failed with this cause in the last two hours
  $ obscura tasks export --since 7d --format coco --out coco.json
  $ obscura tasks list --json | jq '.[].id'`

const LIST_HELP = `
Newest first. STATUS is new (no file yet), queued, processing, done, failed or deleted; FAILURE is the most recent failure,
even if the task succeeded afterwards.`

const RETRY_HELP = `
A task can be retried while its original exists, that is until RETENTION_DAYS or its deletion. Its failure count is reset and
its webhook is sent again; nothing else changes. Tasks that cannot be retried are listed with the reason. Find the cause first
(obscura tasks show, the log): an image that crashed the engine will crash it again. --dry-run only prints the number of tasks.`

const EXPORT_HELP = `
Labels are the regions of the newest revision of images that were approved, or corrected where there is no review. Others are
counted, with the reason. Without task IDs all finished tasks are looked at, however many.

Images are not exported: each is expected beside its labels as TASK_ID.jpg or TASK_ID.png. Originals with their labels are
saved by "Download labels" on the web page, for users of their customer. Then measure with
npm run bench -- accuracy --data FOLDER, where bench labels are FOLDER/annotations.json, or read the COCO file elsewhere.`

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

interface ExportFlags extends Pick<Filters, 'customer' | 'since'> {
  format: ExportFormat
  before?: Date
  out?: string
}

interface RetryFlags extends Filters {
  all?: boolean
  dryRun?: boolean
}

const cause = () => new Option('--cause <cause>', 'only tasks that failed with this cause').choices(FAILURE_CAUSES)

/** `obscura tasks` */
export function tasksCommand(): Command {
  return new Command('tasks')
    .description('For operators: list the tasks of all customers, show one, retry failed ones, or export what was corrected.')
    .addHelpText('after', HELP)
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(retryCommand())
    .addCommand(exportCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('List tasks, newest first.')
    .addOption(new Option('--status <status>', 'only tasks in this state').choices(TASK_STATUSES))
    .addOption(cause())
    .option('--customer <name>', 'only tasks of this customer')
    .option('--since <time>', 'only tasks created since then', text => parseTime(text))
    .option('--before <time>', 'only tasks created before then', text => parseTime(text))
    .option('--limit <number>', 'maximum number of tasks', readLimit, 20)
    .option('--json', 'print a JSON array')
    .addHelpText('after', LIST_HELP)
    .action(async ({ since, before, json, ...selection }: ListFlags) => {
      const tasks = await withTaskAdmin(admin => admin.select({ ...selection, createdFrom: since, createdBefore: before }))
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
      const task = await withTaskAdmin(admin => admin.inspect(id))
      if (!task) throw new CommandError(`Task ${id} does not exist.`)
      const { details } = await import('./print.js')
      console.log(json ? JSON.stringify(task, undefined, 2) : details(task))
    })
}

function retryCommand(): Command {
  return new Command('retry')
    .description('Retry failed tasks: those given, or all with a cause.')
    .argument('[id...]', 'task_id', (text, ids: number[] | undefined) => [...(ids ?? []), readId(text)])
    .addOption(cause())
    .option('--customer <name>', 'only tasks of this customer')
    .option('--since <time>', 'only tasks that failed since then', text => parseTime(text))
    .option('--all', 'retry all failed tasks, regardless of cause')
    .option('--dry-run', 'only print the number of tasks')
    .addHelpText('after', RETRY_HELP)
    .action(async (ids: number[], flags: RetryFlags) => {
      const { countSelected, report, retrySelected, retryThese } = await import('./retry.js')
      const { cause: wanted, customer, since, all, dryRun } = flags
      const chosen = wanted !== undefined || all === true
      if (ids.length > 0 ? chosen || customer || since : !chosen)
        throw new CommandError('Give task IDs, or select tasks with --cause or --all. See obscura tasks retry --help.')
      if (ids.length > 0) return console.log(report(await withTaskAdmin(admin => retryThese(admin, ids))))
      const selection = { cause: wanted, customer, endedFrom: since }
      if (dryRun)
        return console.log(`${await withTaskAdmin(admin => countSelected(admin, selection))} failed tasks would be retried.`)
      console.log(report(await withTaskAdmin(admin => retrySelected(admin, selection))))
    })
}

function exportCommand(): Command {
  return new Command('export')
    .description('Export the regions of approved and corrected images as labels, to measure and calibrate with.')
    .argument('[id...]', 'task_id', (text, ids: number[] | undefined) => [...(ids ?? []), readId(text)])
    .addOption(
      new Option('--format <format>', 'annotations.json of the benchmarks, or COCO JSON')
        .choices(EXPORT_FORMATS)
        .default('bench'),
    )
    .option('--customer <name>', 'only tasks of this customer')
    .option('--since <time>', 'only tasks created since then', text => parseTime(text))
    .option('--before <time>', 'only tasks created before then', text => parseTime(text))
    .option('--out <file>', 'write to this new file instead of stdout')
    .addHelpText('after', EXPORT_HELP)
    .action(async (ids: number[], { format, out, customer, since, before }: ExportFlags) => {
      const { exportLabels, writeLabels } = await import('./export.js')
      if (ids.length > 0 && (customer || since || before))
        throw new CommandError('Give task IDs, or select tasks with --customer, --since and --before.')
      const wanted = ids.length > 0 ? [...new Set(ids)] : { customer, createdFrom: since, createdBefore: before }
      console.error(await writeLabels(await withTaskAdmin(admin => exportLabels(admin, wanted)), format, out))
    })
}

async function withTaskAdmin<T>(work: (admin: TaskAdmin) => Promise<T>): Promise<T> {
  // Loaded on demand: this takes longer than other commands take to start.
  const [{ openTaskAdmin }, { readSettings }] = await Promise.all([import('./task-admin.js'), import('../settings.js')])
  const admin = await openTaskAdmin(readSettings())
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

function readId(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw new InvalidArgumentError('A task ID is a number of 16 digits.')
  return Number(text)
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
  return Number(text)
}
