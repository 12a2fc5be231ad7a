import { getSystemErrorMap } from 'node:util'

/**
 * Exit code of a program whose reader has gone, as shells expect it: 128 and the number of SIGPIPE.
 */
const NOBODY_READS = 141

/**
 * Ends the command when its output can no longer be written: without a word when the reader has
 * seen enough of it (`| head`), else with a sentence. Messages on stderr are less than the work: it
 * goes on without them.
 */
export function leaveWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(NOBODY_READS)
    const reason = getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.message
    console.error(
      `obscura: Cannot write to standard output: ${reason}. Redirect it or free some space, then run the command again.`,
    )
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}
