/** Prints tasks for people. */
import type { InspectedTask, ListedTask } from '@obscura/shared'
import { columns } from '../columns.js'
import { printable } from '../file-names.js'
import { formatAge } from './time.js'

/** One line per task. */
export function table(tasks: readonly ListedTask[]): string {
  const rows = tasks.map(task => [
    String(task.id),
    formatAge(task.createTime),
    task.status,
    String(task.attempt),
    task.customer,
    [task.failureCause, task.failureReason].filter(Boolean).join(': '),
  ])
  return aligned([['TASK', 'AGE', 'STATUS', 'ATTEMPTS', 'CUSTOMER', 'FAILURE'], ...rows])
}

/** All details of one task. */
export function details(task: InspectedTask): string {
  const { lease, webhook, parameters } = task
  const classes = (['face', 'person', 'license_plate', 'vehicle'] as const).filter(name => parameters[name])
  const facts: [name: string, value: string | null | undefined | false][] = [
    ['task', String(task.id)],
    ['customer', `${task.customer} (${task.customerId})`],
    ['status', task.status + (task.status === 'processing' ? `, ${Math.round(task.progress * 100)} %` : '')],
    ['failure', [task.failureCause, task.failureReason].filter(Boolean).join(': ')],
    ['warnings', task.warnings.join(' ')],
    ['attempts', `${task.attempt}, ${task.failures} of them failed`],
    ['request', `${parameters.anonymization_method} of ${classes.join(', ')}; start on ${parameters.start_on}`],
    ['worker', lease && `${lease.owner}, until ${lease.until}`],
    ['webhook', webhook && [webhook.url, webhook.status, webhook.tries !== null && tries(webhook)].filter(Boolean).join(', ')],
    [
      'timings',
      task.timings &&
        Object.entries(task.timings)
          .map(([step, ms]) => `${step} ${Math.round(ms)} ms`)
          .join(', '),
    ],
  ]
  const events: [name: string, time: string | null, note?: string][] = [
    ['created', task.createTime],
    ['uploaded', task.uploadTime, uploadNote(task)],
    ['ready', task.readyTime],
    ['started', task.claimTime, `attempt ${task.attempt}`],
    ['ended', task.finishTime, task.status],
    ['deleted', task.deleteTime],
  ]
  const timeline = events.flatMap(([name, time, note]) => (time ? [[time, name, `${formatAge(time)} ago`, note ?? '']] : []))
  const files = task.files.map(({ key, size, modified }) => [modified, key, `${size} bytes`])
  return [
    aligned(facts.flatMap(([name, value]) => (value ? [[name, value]] : []))),
    `\nTimeline\n${aligned(timeline.sort(([one], [other]) => one.localeCompare(other)))}`,
    `\nFiles\n${files.length > 0 ? aligned(files) : 'none'}`,
  ].join('\n')
}

function tries({ tries, nextTry }: NonNullable<InspectedTask['webhook']>): string {
  return `${tries} attempts, next at ${nextTry}`
}

/** Some of these texts are chosen by customers. */
function aligned(rows: readonly (readonly string[])[]): string {
  return columns(rows.map(row => row.map(printable)))
}

/** Deletion clears the size and the type. */
function uploadNote({ uploadSize, uploadType }: InspectedTask): string | undefined {
  return uploadSize === null ? undefined : `${uploadSize} bytes, ${uploadType ?? 'no type declared'}`
}
