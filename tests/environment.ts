/** What tests must not take from whoever runs them. */
import { VARIABLES } from '../packages/shared/src/config/config.js'

/**
 * Settings of ours, and those of PostgreSQL's, S3's and OpenTelemetry's clients, which would lead a
 * test to other servers.
 */
const OUR_SETTINGS = new Set(Object.keys(VARIABLES).flatMap(name => [name, `${name}_FILE`]))
const CLIENT_SETTINGS = /^(PG|AWS_|OTEL_|REDISCLI_)/
/** Language and time zone: those of a server. */
const LOCALE = /^(LANG|LANGUAGE|LC_.*|TZ)$/

/** Removes them from an environment, that of the tests' processes. */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (OUR_SETTINGS.has(name) || CLIENT_SETTINGS.test(name) || LOCALE.test(name)) delete environment[name]
  }
  environment.LANG = 'C.UTF-8'
  environment.TZ = 'UTC'
}
