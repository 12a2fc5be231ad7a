/**
 * The interface to the database. SQL is that of PostgreSQL (14 and later), parameters are $1, $2,
 * ...; rows are returned as plain objects. bigint columns are returned as JavaScript numbers (task
 * ids stay below 2^53), timestamptz as Date, jsonb as parsed values.
 */
export interface Db extends Queryable {
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A database or a transaction: runs statements with parameters $1, $2, ... */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
}

/** The database cannot be opened; the message says where and why. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}
