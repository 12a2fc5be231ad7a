/** What tests must not take from whoever runs them. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { VARIABLES } from '../packages/shared/src/config/variables.js'

const OUR_SETTINGS = new Set(Object.keys(VARIABLES).flatMap(name => [name, `${name}_FILE`]))

/**
 * Settings of programs that tests start, and of the clients of PostgreSQL, S3 and OpenTelemetry.
 */
const OTHER_SETTINGS = [
  /^(PG|AWS_|OTEL_|REDISCLI_|GIT_|XDG_)/,
  /^(LANG|LANGUAGE|LC_.*|TZ)$/,
  /^(https?|all|no)_proxy$/i,
  /^(NODE_USE_ENV_PROXY|CURL_HOME|BASH_ENV|CDPATH|NO_COLOR|FORCE_COLOR)$/,
]

/**
 * Gives an environment, that of the tests' processes, the settings of a server: none of ours, plain
 * language, UTC, and a home that exists. All processes that tests start inherit it.
 */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (OUR_SETTINGS.has(name) || OTHER_SETTINGS.some(pattern => pattern.test(name))) delete environment[name]
  }
  const home = path.join(tmpdir(), `obscura-test-home-${process.getuid?.() ?? ''}`)
  mkdirSync(home, { recursive: true })
  Object.assign(environment, { LANG: 'C.UTF-8', TZ: 'UTC', HOME: home, NODE_ENV: 'test' })
}
