import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mountSmallDisk } from '@obscura/test-servers/small-disk'
import { afterAll, expect, test } from 'vitest'
import { DatabaseUnavailableError } from './db.js'
import { migrate } from './migrate.js'
import { openPGlite } from './pglite.js'
import { openPostgres } from './postgres.js'
import { onEachDatabase } from './test/databases.js'

onEachDatabase(db => {
  test('values come back as the interface says', async () => {
    const [row] = await db.query(
      `select 9007199254740991::bigint as big, count(*) as count, $1::jsonb as json, $2::text as nothing,
         '2026-11-21T14:00:00.123Z'::timestamptz as time, $3::text as text, $4::real as share`,
      [JSON.stringify({ a: [1, null, 'ü'] }), null, "it's", 0.5],
    )
    expect(row).toEqual({
      big: Number.MAX_SAFE_INTEGER,
      count: 1,
      json: { a: [1, null, 'ü'] },
      nothing: null,
      time: new Date('2026-11-21T14:00:00.123Z'),
      text: "it's",
      share: 0.5,
    })
  })

  test('a transaction commits what it did, or nothing of it', async () => {
    await db.query('create table kept (n integer)')
    const result = await db.transaction(async tx => {
      await tx.query('insert into kept values (1)')
      return (await tx.query('insert into kept values (2) returning n')).length
    })
    expect(result).toBe(1)
    const failure = db.transaction(async tx => {
      await tx.query('insert into kept values (3)')
      await tx.query('insert into no_such_table values (4)')
    })
    await expect(failure).rejects.toThrow('no_such_table')
    expect(await db.query('select n from kept order by n')).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('transactions at the same time do not mix', async () => {
    await db.query('create table counter (n integer)')
    await db.query('insert into counter values (0)')
    const increment = () =>
      db.transaction(async tx => {
        const [{ n }] = await tx.query<{ n: number }>('select n from counter for update')
        await tx.query('update counter set n = $1', [n + 1])
      })
    await Promise.all(Array.from({ length: 20 }, increment))
    expect(await db.query('select n from counter')).toEqual([{ n: 20 }])
  })

  test('migrations run once, in order, also when several processes start together', async () => {
    const first = await Promise.all([migrate(db), migrate(db), migrate(db)])
    expect(first.flat()).toEqual((await readdir(new URL('migrations', import.meta.url))).sort())
    expect(await migrate(db)).toEqual([])
  })

  test('a migration that fails leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
    await writeFile(join(folder, '9001-good.sql'), 'create table good (n integer);\n')
    await writeFile(join(folder, '9002-bad.sql'), 'create table half (n integer);\ncreate table half (n integer);\n')
    await expect(migrate(db, pathToFileURL(`${folder}/`))).rejects.toThrow('already exists')
    const [{ good, half }] = await db.query<{ good: string | null; half: string | null }>(
      "select to_regclass('good')::text as good, to_regclass('half')::text as half",
    )
    expect([good, half]).toEqual([null, null])
    await rm(folder, { recursive: true })
  })
})

test.each(['127.0.0.1', 'localhost'])('a database on %s that does not answer is named, without the password', async host => {
  const opening = openPostgres(`postgres://user:hunter2@${host}:1/obscura`, 1)
  await expect(opening).rejects.toThrow(DatabaseUnavailableError)
  await expect(opening).rejects.toThrow(new RegExp(`^PostgreSQL at ${host}:1 \\(DATABASE_URL\\): .*ECONNREFUSED`))
})

test('however many statements wait for the embedded database, the process does other work in between', async () => {
  const db = await openPGlite()
  const order: string[] = []
  const statements = Array.from({ length: 100 }, () => db.query('select count(*) from generate_series(1, 10000)'))
  const timer = new Promise<void>(resolve => setTimeout(resolve, 20)).then(() => order.push('timer'))
  await Promise.all([timer, Promise.all(statements).then(() => order.push('statements'))])
  await db.close()
  expect(order).toEqual(['timer', 'statements'])
})

const disk = mountSmallDisk(10)
afterAll(() => disk?.remove())
test.skipIf(!disk)('a database that cannot be opened on a nearly full disk is reported with its own reason too', async () => {
  const folder = join(disk!.folder, 'database')
  await mkdir(folder)
  await writeFile(join(folder, 'PG_VERSION'), '18\n')
  await expect(openPGlite(folder)).rejects.toThrow(/ its disk is full or nearly so \(\d+ MB free\)\..* says: \w+/)
})

test('a damaged embedded database is named, and its lock released', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'damaged-'))
  const folder = join(parent, 'database')
  await mkdir(folder)
  await writeFile(join(folder, 'PG_VERSION'), '18\n')
  await expect(openPGlite(folder)).rejects.toThrow(DatabaseUnavailableError)
  expect(await readdir(parent)).toEqual(['database'])
  await rm(parent, { recursive: true })
})
