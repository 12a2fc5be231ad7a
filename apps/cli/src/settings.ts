import { type Config, ConfigError, readConfig, unknownSettings } from '@obscura/shared'
import { CommandError } from './command-error.js'

/**
 * Reads the settings from the environment; warns of variables that look like one and have no
 * effect. @throws CommandError that lists invalid ones
 */
export function readSettings(): Config {
  for (const sentence of unknownSettings()) console.error(`Warning: ${sentence} See docs/settings.md.`)
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new CommandError(`Some settings are invalid:\n${error.message}\nSee docs/settings.md for all settings.`)
  }
}
