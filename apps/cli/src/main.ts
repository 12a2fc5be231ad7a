import { Failure } from './failure.js'
import { createProgram } from './program.js'

try {
  await createProgram().parseAsync()
} catch (error) {
  // A Failure tells the user what to do; anything else is a defect and needs its stack.
  console.error(error instanceof Failure ? `obscura: ${error.message}` : error)
  process.exitCode = error instanceof Failure ? error.exitCode : 1
}
