/**
 * Errors of failing statements never show values: neither in the log nor when an error is printed.
 */
import { readdir, readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '../log.js'
import * as tasks from '../tasks/index.js'
import * as users from '../users/index.js'
import * as outbox from '../webhooks/outbox.js'
import type { Db, Queryable } from './db.js'
import { migrate } from './migrate.js'
import { StatementError } from './statement-error.js'
import { onEachDatabase } from './test/databases.js'

const SECRET = 'Hunter2'

/** All ways in which an error may be shown. */
async function shown(error: unknown): Promise<string> {
  const destination = new PassThrough()
  const log = createLogger('info', destination)
  log.error({ err: error }, 'x')
  log.error(error)
  log.warn({ reason: (error as Error).message }, 'y')
  destination.end()
  return [await text(destination), inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error)].join(
    '\n',
  )
}

async function failure(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => expect.unreachable('It did not fail.'),
    error => error,
  )
}

/** Statements whose errors quote values, by description. */
const FAILING: [about: string, sql: string, parameters: unknown[]][] = [
  ['a number', 'select $1::bigint', [SECRET]],
  ['a uuid', 'select $1::uuid', [SECRET]],
  ['JSON', 'select $1::jsonb', [`{"token": ${SECRET}}`]],
  ['a time', 'select $1::timestamptz', [SECRET]],
  ['a number out of range', 'select ($1 || $2)::int', ['99999999999999', SECRET]],
  ['a cast within', 'select ($1::jsonb ->> 0)::int', [JSON.stringify([SECRET])]],
  ['a check', 'insert into kept (word) values ($1)', [`${SECRET} is longer than ten`]],
  ['a key that is there', 'insert into kept (word) values ($1), ($1)', [SECRET]],
  ['a column that must be set', 'insert into kept (word, number) values ($1, null)', [SECRET]],
  ['a reference', 'insert into kept (word, friend) values ($1, $2)', ['a', SECRET]],
  ['a text that is too long', 'insert into kept (short) values ($1)', [SECRET]],
  ['a table that is not there', 'insert into missing values ($1)', [SECRET]],
  ['an invalid byte', 'select $1::text', [`${SECRET}\0`]],
  ['too many parameters', 'select 1', [SECRET]],
  ['a pattern', `select 'a' ~ $1`, [`(${SECRET}`]],
  ['an error raised with a value', 'select secret_error($1)', [SECRET]],
]

type Repository = (db: unknown, ...rest: unknown[]) => Promise<unknown>

/** These only call functions tested here, and not with arbitrary arguments. */
const WITHOUT_STATEMENTS = ['detectUpload', 'addUserAsAdmin', 'setPasswordAsAdmin']
/** Every function whose first argument is the database: together they contain all statements. */
const FUNCTIONS = Object.entries({ ...tasks, ...users, ...outbox } as Record<string, unknown>).filter(
  (entry): entry is [string, Repository] =>
    typeof entry[1] === 'function' &&
    /^(async )?function \w+\((\{ ?)?db\b/.test(entry[1].toString()) &&
    !WITHOUT_STATEMENTS.includes(entry[0]),
)

/**
 * A stub for any value: every property and result of it is such a stub, and as text it is the
 * secret.
 */
const ANYTHING: unknown = new Proxy(() => undefined, {
  get(_, key) {
    if (key === 'then') return undefined
    if (key === Symbol.iterator) return () => [ANYTHING][Symbol.iterator]()
    if (key === Symbol.toPrimitive || key === 'toJSON' || key === 'toString') return () => SECRET
    return ANYTHING
  },
  apply: () => ANYTHING,
})

/** The results of the first statements, until one fails. */
const RESULTS = { 'rows of anything': [ANYTHING], 'no rows': [] }
const ARGUMENTS = {
  anything: ANYTHING,
  text: SECRET,
  numbers: 7,
  'an object of texts': { id: SECRET, parameters: {}, userId: SECRET, sessionId: SECRET, password: SECRET, oldHash: SECRET },
  'a refresh token': `00000000-0000-4000-8000-000000000000.${SECRET.padEnd(43, '-')}`,
}

onEachDatabase(db => {
  beforeAll(async () => {
    await migrate(db)
    await db.query(`create table kept (word text primary key check (length(word) < 10), number int not null default 1, short varchar(3),
      friend text references kept (word) deferrable initially deferred)`)
    await db.query(
      `create function secret_error(value text) returns void language plpgsql as $$ begin raise exception 'no %', value; end $$`,
    )
  })

  test.each(FAILING)('a failure about %s keeps the value back', async (_, sql, parameters) => {
    for (const run of [db.query(sql, parameters), db.transaction(tx => tx.query(sql, parameters))]) {
      const error = await failure(run)
      expect(error).toBeInstanceOf(StatementError)
      expect(await shown(error)).not.toContain(SECRET)
    }
  })

  test('a failure of the commit keeps the value back', async () => {
    const error = await failure(db.transaction(tx => tx.query(`insert into kept (word, friend) values ('b', $1)`, [SECRET])))
    expect(error).toMatchObject({ name: 'StatementError', code: '23503' })
    expect(await shown(error)).not.toContain(SECRET)
  })

  test('the error still says what happened', async () => {
    expect(await shown(await failure(db.query('select $1::bigint', [SECRET])))).toMatch(/rejected a value.*SQLSTATE 22P02/)
    expect(await shown(await failure(db.query('select * from missing')))).toContain('relation "missing" does not exist')
  })

  describe.each(FUNCTIONS)('%s', (name, run) => {
    test('fails without revealing its arguments, whichever of its statements fails', async () => {
      const failures: unknown[] = []
      for (const argument of Object.values(ARGUMENTS)) {
        for (const rows of Object.values(RESULTS)) {
          for (let after = 0; after < 8; after++) failures.push(await breakAfter(run, argument, rows, after))
        }
      }
      const broken = failures.filter(error => error instanceof StatementError)
      expect(broken.length, `No statement of ${name} was reached.`).toBeGreaterThan(0)
      for (const error of broken) expect(await shown(error)).not.toContain(SECRET)
    })
  })

  /**
   * Runs a function on a database that answers the first statements and fails the next one with its
   * parameters.
   */
  async function breakAfter(run: Repository, argument: unknown, rows: unknown[], after: number): Promise<unknown> {
    let left = after
    let failed: unknown
    const broken: Queryable = {
      async query(sql, parameters = []) {
        if (left-- > 0) return rows as never
        const secrets = parameters.map(() => SECRET)
        // Where any text is valid, the next statement fails instead.
        failed ??= await failure(db.query(sql, secrets).then(() => db.query('select $1::int', [SECRET])))
        throw failed
      },
    }
    const given: Db = { ...broken, transaction: work => work(broken), close: async () => undefined }
    await run({ ...given, db: given }, argument, argument, argument, argument, argument).catch(() => undefined)
    return failed
  }
})

test('only the adapters talk to the drivers, so every failure passes through them', async () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const sources = await Promise.all(
    ['packages', 'apps'].map(async part =>
      (await readdir(`${root}${part}`, { recursive: true }))
        .map(file => `${part}/${file}`)
        .filter(file => /\/src\/.*\.ts$/.test(file)),
    ),
  )
  const talking = []
  for (const file of sources.flat().filter(file => !/\.test\.ts$|\/test\//.test(file))) {
    if (/from '(pg|@electric-sql\/pglite)|import\('(pg|@electric-sql\/pglite)/.test(await readFile(root + file, 'utf8')))
      talking.push(file)
  }
  expect(talking.sort()).toEqual(['packages/shared/src/db/pglite.ts', 'packages/shared/src/db/postgres.ts'])
})
