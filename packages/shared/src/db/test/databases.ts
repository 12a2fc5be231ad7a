/** The databases on which every suite about SQL runs. */

import { emptyDatabase } from '@obscura/test-servers/pglite'
import { type PostgresServer, startPostgres } from '@obscura/test-servers/postgres'
import { missing } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Db } from '../db.js'
import { openPGlite } from '../pglite.js'
import { openPostgres } from '../postgres.js'

/** Runs `suite` on an empty database of each kind; PostgreSQL only where it is installed. */
export function onEachDatabase(suite: (db: Db) => void): void {
  describe('on PGlite', () => suite(opened(async () => openPGlite(undefined, await emptyDatabase()))))
  describe.skipIf(missing('initdb'))('on PostgreSQL', () => {
    let server: PostgresServer
    afterAll(() => server?.stop())
    suite(
      opened(async () => {
        server = await startPostgres()
        return openPostgres(await server.createDatabase(), 10)
      }),
    )
  })
}

// Tests are declared before anything is opened, so they get a proxy for the database that is opened
// by then.
function opened(open: () => Promise<Db>): Db {
  let db: Db
  beforeAll(async () => {
    db = await open()
  })
  afterAll(() => db?.close())
  return {
    query: (sql, parameters) => db.query(sql, parameters),
    transaction: work => db.transaction(work),
    close: () => db.close(),
  }
}
