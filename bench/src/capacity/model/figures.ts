/** What the model is fed with: every figure with its source. Change one with `--set name=value`. */

/** A measured or assumed figure. */
export interface Figure {
  value: number
  unit: string
  source: string
}

const figure = (value: number, unit: string, source: string): Figure => ({ value, unit, source })

const COST = 'npm run bench -- api-cost, PostgreSQL, Redis and S3, 3 MB photo, both masks'
const LATENCY = 'npm run bench -- latency, quiet machine: 2.36 s of detection on two cores, 0.32 s on one'
const CHOICE = 'assumed'

export const FIGURES = {
  engineSeconds: figure(5, 'core-seconds an image of 12 megapixels', LATENCY),
  engineVariation: figure(0.6, 'standard deviation / mean of the engine time', CHOICE),
  apiSeconds: figure(0.01, 'core-seconds a task', COST),
  workerSeconds: figure(0.048, 'core-seconds a task, beside the engine', COST),
  polls: figure(5, 'status requests a task', CHOICE),
  statements: figure(6.7, 'statements a task, without those of status requests', COST),
  statementsPerPoll: figure(1, 'statements a status request, at most', COST),
  backgroundStatements: figure(8.2, 'statements a second of a worker, whether there is work or not', COST),
  connections: figure(5, 'connections of a process to PostgreSQL; at most DATABASE_POOL', CHOICE),
  writes: figure(4.1, 'rows written a task', COST),
  logBytes: figure(5950, 'bytes of write-ahead log a task', COST),
  rowBytes: figure(2170, 'bytes a task in the database, indexes included', COST),
  redisCommands: figure(39, 'commands a task', COST),
  redisBytes: figure(4096, 'bytes a waiting hint', CHOICE),
  redisHints: figure(10_000, 'maximum number of waiting hints', 'dispatch/bullmq.ts'),
  s3Reads: figure(5, 'GET and HEAD requests a task', COST),
  s3Writes: figure(4, 'PUT requests a task', COST),
  bytesIn: figure(6.04e6, 'bytes into the store a task', COST),
  bytesOut: figure(6.04e6, 'bytes out of the store a task', COST),
  retentionDays: figure(90, 'days that files are kept', 'RETENTION_DAYS'),
  peak: figure(2, 'busiest hour / mean of the day', CHOICE),
  utilization: figure(0.7, 'fraction of the cores that are busy in the busiest hour', CHOICE),
  coresPerWorker: figure(16, 'cores of a worker machine', CHOICE),
  writesLimit: figure(20_000, 'small writes a second of one PostgreSQL primary', CHOICE),
  statementsLimit: figure(100_000, 'statements a second of one PostgreSQL primary', CHOICE),
  connectionsLimit: figure(500, 'connections of one PostgreSQL', CHOICE),
  rowsLimit: figure(1e9, 'rows of a table that vacuum and backup can still handle', CHOICE),
  redisLimit: figure(100_000, 'commands a second of one Redis', CHOICE),
  s3WritesLimit: figure(3500, 'PUT requests a second of one prefix', 'documentation of Amazon S3'),
  s3ReadsLimit: figure(5500, 'GET requests a second of one prefix', 'documentation of Amazon S3'),
  bandwidthLimit: figure(12.5e9, 'bytes a second of one S3 cluster (100 Gbit/s)', CHOICE),
} satisfies Record<string, Figure>

export type FigureName = keyof typeof FIGURES
export type Values = Record<FigureName, number>

/** The values, some of them replaced by `changes` of the form `name=value`. @throws RangeError */
export function readFigures(changes: readonly string[] = []): Values {
  const values = Object.fromEntries(Object.entries(FIGURES).map(([name, { value }]) => [name, value])) as Values
  for (const change of changes) {
    const [name, value] = change.split('=')
    if (!(name in FIGURES) || !(Number(value) > 0))
      throw new RangeError(`${change}: there are ${Object.keys(FIGURES).join(', ')}.`)
    values[name as FigureName] = Number(value)
  }
  return values
}
