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
  console.error(error instanceof Failure ? `obscura: ${error.message}` : error)
  process.exitCode = error instanceof Failure ? error.exitCode : 1
}
