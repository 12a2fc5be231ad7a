import { readdir, readFile } from 'node:fs/promises'
import type { Db, Queryable } from './db.js'

// Read from src by both src and dist: the compiler does not copy .sql files.
const MIGRATIONS = new URL('../../src/db/migrations/', import.meta.url)

// An arbitrary number that nothing else locks.
const MIGRATION_LOCK = 6_210_497_113

/**
 * Brings the schema up to date: applies the pending numbered files in order, all in one transaction
 * under an advisory lock, so that processes that start together do not conflict.
 * @returns the names of the files applied
 */
export async function migrate(db: Db, folder: URL = MIGRATIONS): Promise<string[]> {
  const names = await migrationNames(folder)
  return db.transaction(async tx => {
    await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await tx.query(
      'create table if not exists migrations (name text primary key, apply_time timestamptz not null default clock_timestamp())',
    )
    const applied = new Set((await tx.query<{ name: string }>('select name from migrations')).map(row => row.name))
    const missing = names.filter(name => !applied.has(name))
    for (const name of missing) {
      for (const statement of statements(await readFile(new URL(name, folder), 'utf8'))) await tx.query(statement)
      await tx.query('insert into migrations (name) values ($1)', [name])
    }
    return missing
  })
}

/** The names of the files that {@link migrate} would apply; changes nothing. */
export async function pendingMigrations(db: Queryable, folder: URL = MIGRATIONS): Promise<string[]> {
  const names = await migrationNames(folder)
  const [{ begun }] = await db.query<{ begun: boolean }>("select to_regclass('migrations') is not null as begun")
  const applied = begun ? await db.query<{ name: string }>('select name from migrations') : []
  return names.filter(name => !applied.some(row => row.name === name))
}

async function migrationNames(folder: URL): Promise<string[]> {
  return (await readdir(folder)).filter(name => name.endsWith('.sql')).sort()
}

// By convention, statements in migrations end with a semicolon at the end of a line.
function statements(sql: string): string[] {
  return sql
    .split(/;\s*$/m)
    .map(statement => statement.trim())
    .filter(statement => statement !== '')
}
