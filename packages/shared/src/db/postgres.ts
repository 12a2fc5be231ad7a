import type pg from 'pg'
import { certificateAdvice } from '../certificates.js'
import { DatabaseUnavailableError, type Db } from './db.js'
import { asStatementError } from './statement-error.js'

/**
 * Opens a PostgreSQL database through a pool of at most `connections`.
 * @throws DatabaseUnavailableError
 */
export async function openPostgres(url: string, connections: number): Promise<Db> {
  // Loaded here, because the embedded database does not need it.
  const { Pool, TypeOverrides, types: known } = (await import('pg')).default
  const types = new TypeOverrides()
  types.setTypeParser(known.builtins.INT8, Number)
  const pool = new Pool({ connectionString: url, max: connections, types, connectionTimeoutMillis: 10_000 })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the
  // process.
  pool.on('error', () => undefined)
  await rows(pool, 'select 1').catch(async (error: Error) => {
    await pool.end()
    const { hostname, port } = new URL(url)
    const advice = certificateAdvice(error)
    const remedy = advice && `. ${advice} Or set it in DATABASE_URL: ?sslmode=verify-full&sslrootcert=FILE`
    const reason = `PostgreSQL at ${hostname}:${port || 5432} (DATABASE_URL): ${error.message}${remedy ?? ''}`
    throw new DatabaseUnavailableError(reason, { cause: error })
  })
  return {
    query: (sql, parameters) => rows(pool, sql, parameters),
    async transaction(work) {
      const client = await pool.connect().catch(fail)
      let broken: Error | undefined
      try {
        await rows(client, 'begin')
        const result = await work({ query: (sql, parameters) => rows(client, sql, parameters) })
        await rows(client, 'commit')
        return result
      } catch (error) {
        await client.query('rollback').catch((failure: Error) => {
          broken = failure
        })
        throw error
      } finally {
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

async function rows<Row>(on: pg.Pool | pg.PoolClient, sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
  return (await on.query(sql, parameters as unknown[] | undefined).catch(fail)).rows as Row[]
}

function fail(error: unknown): never {
  throw asStatementError(error)
}
