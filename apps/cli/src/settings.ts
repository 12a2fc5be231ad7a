import { type Config, ConfigError, readConfig } from '@obscura/shared'
import { CommandError } from './command-error.js'

/** Reads the settings from the environment. @throws CommandError that lists invalid ones */
export function readSettings(): Config {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new CommandError(`Some settings are invalid:\n${error.message}\nSee docs/settings.md for all settings.`)
  }
}
