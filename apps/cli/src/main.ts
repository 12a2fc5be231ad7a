import { Failure } from './failure.js'
import { createProgram } from './program.js'

// Whoever reads our output may have seen enough of it (| head): no reason to fail loudly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await createProgram().parseAsync()
} catch (error) {
  // A Failure tells the user what to do; anything else is a defect and needs its stack.
  console.error(error instanceof Failure ? `obscura: ${error.message}` : (refusedAccess(error) ?? error))
  process.exitCode = error instanceof Failure ? error.exitCode : 1
}

/** A sentence about a file or folder that the system does not let us use: of the service all lie in OBSCURA_DATA. */
function refusedAccess(error: unknown): string | undefined {
  const { code, path, message } = error as NodeJS.ErrnoException
  if (path === undefined || !/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/.test(code ?? '')) return undefined
  return `obscura: ${message}. Make it usable for this user, or let OBSCURA_DATA name another folder.`
}
