import { getSystemErrorMap } from 'node:util'

/**
 * Exit code after a broken pipe, as shells expect it: 128 plus the number of SIGPIPE.
 */
const SIGPIPE_EXIT_CODE = 141

/**
 * Ends the command when its output can no longer be written: silently when the reader has closed
 * the pipe (`| head`), otherwise with a message. Failures of stderr are ignored: the work matters
 * more than its messages.
 */
export function exitOnBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(SIGPIPE_EXIT_CODE)
    const reason = getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.message
    console.error(
      `obscura: Cannot write to standard output: ${reason}. Redirect it or free some space, then run the command again.`,
    )
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}
