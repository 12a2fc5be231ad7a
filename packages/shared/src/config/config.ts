/** Reads the settings from the environment, and lists them for the documentation. */
import { readFileSync } from 'node:fs'
import type { Variable } from './variable.js'
import { type Config, VARIABLES } from './variables.js'

/** Some settings are invalid; the message lists each with its value and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Record<string, string | undefined>

/**
 * Reads the settings; an empty variable counts as unset. A secret may be read from a file instead:
 * `DATABASE_URL_FILE` names the file, and white space around its content is ignored.
 * @throws ConfigError
 */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = []
  const entries = Object.entries<Variable<unknown>>(VARIABLES).map(([name, variable]) => {
    try {
      return [name, readVariable(name, variable, environment)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(error.message)
      return [name, undefined]
    }
  })
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return Object.fromEntries(entries) as Config
}

function readVariable<T>(name: string, variable: Variable<T>, environment: Environment): T {
  const given = environment[name]?.trim()
  const file = variable.secret ? environment[`${name}_FILE`]?.trim() : undefined
  if (given && file) throw new ConfigError(`${name} and ${name}_FILE are both set: unset one of them.`)
  const text = file ? readSecret(`${name}_FILE`, file) : given
  if (!text) return variable.default
  const value = variable.read(text)
  if (value === undefined)
    throw new ConfigError(
      variable.secret
        ? `${name} has an invalid value; expected ${variable.expects}.`
        : `${name} must be ${variable.expects}, not "${text}".`,
    )
  return value
}

function readSecret(name: string, file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new ConfigError(`${name} points to the file "${file}", which cannot be read: ${(error as Error).message}.`)
  }
  if (text === '')
    throw new ConfigError(`${name} points to the file "${file}", which is empty: write the secret to it or unset ${name}.`)
  return text
}

/** The table of all settings in Markdown, for the documentation. */
export function configTable(): string {
  const rows = Object.entries<Variable<unknown>>(VARIABLES).map(
    ([name, { default: value, description, expects, secret }]) =>
      `| ${name} | ${shown(value)} | ${description} | ${expects}${secret ? `; or its file: ${name}_FILE` : ''} |`,
  )
  return ['| variable | default | meaning | value |', '|---|---|---|---|', ...rows].join('\n')
}

function shown(value: unknown): string {
  if (value === undefined) return 'unset'
  return typeof value === 'boolean' ? String(Number(value)) : String(value)
}
