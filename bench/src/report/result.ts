import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { repositoryPath } from '../repository.js'
import type { Table } from './table.js'

/** The result of a benchmark, stored in bench/results. */
export interface Result {
  bench: string
  /** The options it ran with; paths of the machine are omitted. */
  args: string[]
  /** ISO 8601, UTC. */
  started: string
  commit: string
  machine: { processor: string; cores: number; node: string }
  tables: Table[]
}

/**
 * Keeps tables as bench/results/NAME.json, in place of those of the last run.
 * @returns the file's path
 */
export async function saveResult(
  bench: string,
  { started, args, tables }: { started: Date; args: readonly string[]; tables: Table[] },
): Promise<string> {
  const folder = repositoryPath('bench/results')
  const processors = cpus()
  const result: Result = {
    bench,
    args: args.filter(arg => arg !== '--save').map(arg => (arg.includes('/') ? 'FOLDER' : arg)),
    started: started.toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: folder.replace(/results$/, ''),
      encoding: 'utf8',
    }).trim(),
    machine: { processor: processors[0].model, cores: processors.length, node: process.version },
    tables,
  }
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${bench}.json`)
  await writeFile(file, `${JSON.stringify(result, undefined, 1)}\n`)
  return file
}
