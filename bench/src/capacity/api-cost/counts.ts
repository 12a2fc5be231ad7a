/**
 * What a run asks of PostgreSQL, Redis and S3, by their own counters; S3 has none, so a proxy
 * before it counts.
 */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Db } from '@obscura/shared'

/** Numbers by name. */
export type Counts = Record<string, number>

/**
 * Statements (each one is a transaction of its own, with few exceptions), rows written, and bytes
 * of the write-ahead log.
 */
export async function countPostgres(db: Db): Promise<Counts> {
  // The server publishes its counters up to a second late.
  const [row] = await db.query<Counts>(
    `select xact_commit as transactions, tup_inserted + tup_updated + tup_deleted as "rows written",
       (select wal_bytes from pg_stat_wal)::float8 as "log bytes", pg_total_relation_size('tasks')::float8 as "table bytes"
     from pg_stat_database where datname = current_database()`,
  )
  return row
}

/** Commands, and bytes of memory that the data takes. */
export async function countRedis(url: string): Promise<Counts> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port || 6379), hostname)
  socket.write('INFO\r\n')
  let info = ''
  while (!info.includes('# Keyspace')) info += (await once(socket, 'data'))[0]
  socket.destroy()
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
  return { commands: field('total_commands_processed'), 'memory bytes': field('used_memory') }
}

/** A proxy before the S3 server that counts. */
export interface CountingProxy {
  url: string
  /** Requests by method (a POST deletes), and bytes of bodies each way. */
  counts: Counts
  stop(): void
}

/** Starts a proxy before an S3 server on a free port. */
export async function countS3(endpoint: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(endpoint)
  const counts: Counts = {}
  const add = (name: string, n: number) => {
    counts[name] = (counts[name] ?? 0) + n
  }
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    add(`${method}`, 1)
    const passed = request({ hostname, port, method, path, headers }, response => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.on('data', chunk => add('bytes out', chunk.length)).pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.on('data', chunk => add('bytes in', chunk.length)).pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, counts, stop: () => server.close() }
}

/** Differences of two readings, for each of `tasks`. */
export function perTask(before: Counts, after: Counts, tasks: number): Counts {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, (value - (before[name] ?? 0)) / tasks]))
}
