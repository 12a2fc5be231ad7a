import { type Config, ConfigError, readConfig } from '@obscura/shared'
import { Failure } from './failure.js'

/** Reads the settings from the environment. @throws Failure that lists invalid ones */
export function readSettings(): Config {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new Failure(`Some settings are invalid:\n${error.message}\nSee docs/settings.md for all settings.`)
  }
}
