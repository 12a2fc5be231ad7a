/** What tests must not take from whoever runs them. */
import { VARIABLES } from '../packages/shared/src/config/config.js'

/**
 * Settings of ours, and those of PostgreSQL's, S3's and OpenTelemetry's clients, which would lead a
 * test to other servers.
 */
const OURS = new Set(Object.keys(VARIABLES).flatMap(name => [name, `${name}_FILE`]))
const OF_CLIENTS = /^(PG|AWS_|OTEL_|REDISCLI_)/
/** Language and time zone: those of a server. */
const LOCALE = /^(LANG|LANGUAGE|LC_.*|TZ)$/

/** Removes them from an environment, that of the tests' processes. */
export function forgetCaller(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (OURS.has(name) || OF_CLIENTS.test(name) || LOCALE.test(name)) delete environment[name]
  }
  environment.LANG = 'C.UTF-8'
  environment.TZ = 'UTC'
}
