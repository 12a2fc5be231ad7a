/**
 * What must hold after the faults: every accepted task has ended, once, with its result and its
 * webhook, and nothing else is left.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type BackingServices, type Db, sweepTask, takeDueTasks } from '@obscura/shared'
import { until } from '@obscura/test-servers/server-folder'
import { expect } from 'vitest'
import type { Client } from './client.js'
import type { WebhookReceiver } from './webhook-receiver.js'

/** Images by the id of the task that was accepted with them. */
export type Accepted = Map<number, Buffer>

/** The stand-in for the engine refuses these. */
const BROKEN = 'broken'

/**
 * The magic bytes of a PNG, at which the service looks before the engine does; every tenth image
 * is one that the engine cannot read.
 */
export function image(n: number): Buffer {
  return Buffer.from(`\x89PNG\r\n\x1a\n${n % 10 === 9 ? BROKEN : ''}${n}`, 'latin1')
}

const isBroken = (content: Buffer) => content.includes(BROKEN)

/**
 * Lets the database itself write down each time a task ends, and how: it is one that has no tasks
 * yet.
 */
export async function recordEnds(db: Db): Promise<void> {
  await db.query('create table ends (id bigint, status text)')
  await db.query(
    `create function record_end() returns trigger language plpgsql as
     'begin insert into ends values (new.id, new.status); return null; end'`,
  )
  await db.query(
    `create trigger record_end after update of status on tasks for each row
     when (new.status in ('done', 'failed') and old.status is distinct from new.status) execute function record_end()`,
  )
}

/** Progress before each fault: a number of accepted images, or a time. */
const CALM = { images: 15, seconds: 60 }

/**
 * Sends images, four at once, while faults hit the service, each when it has recovered
 * after the one before, and until at least `least` are accepted.
 */
export async function sendDuringFailures(
  client: Client,
  hooks: WebhookReceiver,
  faults: readonly (() => Promise<unknown>)[],
  least: number,
): Promise<Accepted> {
  const accepted: Accepted = new Map()
  let sent = 0
  let falling = true
  const sender = async () => {
    while (falling || sent < least) {
      const content = image(sent++)
      const id = await client.send(content, hooks.url)
      accepted.set(id, content)
      // As clients do: of an S3 server's uploads the first question tells.
      await client.status(id)
      // So many are enough while the rest of the faults happen.
      if (sent >= least) await sleep(500)
    }
  }
  const sending = Promise.all([sender(), sender(), sender(), sender()])
  for (const fault of faults) {
    const enough = accepted.size + CALM.images
    await until(async () => accepted.size >= enough, CALM.seconds).catch(() => undefined)
    await fault()
  }
  falling = false
  await sending
  return accepted
}

/**
 * Waits until every accepted task has ended as it must, its result can be read, and its webhook
 * came.
 */
export async function expectEnds(client: Client, hooks: WebhookReceiver, accepted: Accepted): Promise<void> {
  for (const [id, content] of accepted) {
    const end = isBroken(content) ? 'failed' : 'done'
    await until(async () => ['done', 'failed'].includes(await client.status(id)), 120)
    expect([id, await client.status(id)]).toEqual([id, end])
    if (end === 'done') expect(await client.download(id)).toEqual(content)
    await until(async () => hooks.heard.has(id), 60)
    expect([...hooks.heard.get(id)!]).toEqual([end])
  }
}

/**
 * Expects, when all processes have stopped, that each accepted task ended once, and that a sweep
 * leaves originals and results alone.
 * @returns attempts
 */
export async function expectOrder(services: BackingServices, accepted: Accepted): Promise<number> {
  const { db, store } = services
  const ids = [...accepted.keys()]
  const ends = await db.query<{ id: number }>('select id from ends where id = any($1::bigint[]) order by id', [ids])
  expect(ends.map(({ id }) => id)).toEqual(ids.sort((a, b) => a - b))

  // What is cleared away after minutes, or when upload URLs have ended, is cleared away now.
  const past = `now() - interval '1 day'`
  await db.query(`update tasks set upload_expire_time = ${past}, finish_time = ${past}, due_time = now()`)
  for (let due = await takeDueTasks(db, 100); due.length > 0; due = await takeDueTasks(db, 100)) {
    for (const task of due) await sweepTask(services, task)
  }
  const expected = await db.query<{ key: string }>(
    `select customer_id || '/' || id || '/' || file as key
     from tasks, lateral (values
       ('original', upload_time is not null and status <> 'done'),
       (attempt || '/original', status = 'done'),
       (attempt || '/regions.json', status = 'done'),
       (attempt || '/anonymized.png', status = 'done')
     ) as files (file, kept)
     where kept`,
  )
  expect(await store.list('', 100_000)).toEqual(expected.map(({ key }) => key).sort())
  const [{ attempts }] = await db.query<{ attempts: number }>(
    'select sum(attempt) as attempts from tasks where id = any($1::bigint[])',
    [ids],
  )
  return attempts
}
