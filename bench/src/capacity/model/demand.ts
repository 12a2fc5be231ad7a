import type { Values } from './figures.js'

const DAY = 86_400

/** What a number of images a day asks for. Rates are those of the busiest hour. */
export interface Demand {
  imagesPerDay: number
  /** Tasks a second in the busiest hour. */
  rate: number
  /**
   * Cores that the engine and the worker around it need, so that no more than the wanted fraction
   * of them is busy.
   */
  cores: number
  /** Machines for them. */
  workers: number
  /** API processes, each of which uses one core. */
  apiProcesses: number
  statements: number
  /** Connections to PostgreSQL. */
  connections: number
  writes: number
  /** Rows of a year: they stay when files are deleted. */
  rowsPerYear: number
  databaseBytesPerYear: number
  redisCommands: number
  redisBytes: number
  s3Reads: number
  s3Writes: number
  /** Bytes a second, in and out together. */
  bandwidth: number
  /** Files at any time. */
  storageBytes: number
}

/** What a number of images per day needs at its peak. */
export function demandOf(imagesPerDay: number, v: Values): Demand {
  const rate = (imagesPerDay / DAY) * v.peak
  const cores = Math.max(1, Math.ceil((rate * (v.engineSeconds + v.workerSeconds)) / v.utilization))
  const workers = Math.ceil(cores / v.coresPerWorker)
  const apiProcesses = Math.max(1, Math.ceil((rate * v.apiSeconds) / v.utilization))
  return {
    imagesPerDay,
    rate,
    cores,
    workers,
    apiProcesses,
    statements: rate * (v.statements + v.polls * v.statementsPerPoll) + workers * v.backgroundStatements,
    connections: (workers + apiProcesses) * v.connections,
    writes: rate * v.writes,
    rowsPerYear: imagesPerDay * 365,
    databaseBytesPerYear: imagesPerDay * 365 * v.rowBytes,
    redisCommands: rate * v.redisCommands,
    redisBytes: Math.min(v.redisHints, rate * 3600) * v.redisBytes,
    s3Reads: rate * v.s3Reads,
    s3Writes: rate * v.s3Writes,
    bandwidth: rate * (v.bytesIn + v.bytesOut),
    storageBytes: imagesPerDay * v.retentionDays * v.bytesIn,
  }
}
