import { CommandError } from '../command-error.js'
import { readSettings } from '../settings.js'
import { CHECKS } from './checks.js'

/** Runs all checks and prints a line for each. @throws CommandError when one of them failed */
export async function doctor(): Promise<void> {
  const config = readSettings()
  let failed = 0
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      const found = await check(config)
      if (typeof found === 'string') console.log(`ok    ${name}: ${found}`)
      else if (found) console.log(`warn  ${name}: ${found.warning}`)
    } catch (error) {
      failed++
      console.log(`FAIL  ${name}: ${(error as Error).message}`)
    }
  }
  if (failed > 0) throw new CommandError(`${failed} of ${Object.keys(CHECKS).length} checks failed.`)
}
