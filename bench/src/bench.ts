import type { Command } from 'commander'
import type { Table } from './report/table.js'

/** A benchmark: its options, and the run that turns them into tables. */
export interface Bench<Options = never> {
  /** Adds arguments and options; absent where there are none. */
  command?(command: Command): Command
  /**
   * Measures, telling of its progress on standard error.
   * @param args the arguments that are not options: most often photos
   */
  run(options: Options, args: string[]): Promise<Table[]>
}
