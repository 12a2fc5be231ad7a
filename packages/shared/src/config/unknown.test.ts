import { expect, test } from 'vitest'
import { RENAMED, unknownSettings } from './unknown.js'
import { VARIABLES } from './variables.js'

test.each([
  ['ENGINE_CHILDREN', 'ENGINE_CHILDREN has no effect: the setting is named ENGINE_PROCESSES now.'],
  ['WEBHOOK_ALLOW_PRIVAT', 'WEBHOOK_ALLOW_PRIVAT is not a setting and has no effect; there is WEBHOOK_ALLOW_PRIVATE.'],
  ['RETENTOIN_DAYS', 'RETENTOIN_DAYS is not a setting and has no effect; there is RETENTION_DAYS.'],
  ['ENGINE_MAX_MEMORY', 'ENGINE_MAX_MEMORY is not a setting and has no effect; there is ENGINE_MAX_MEMORY_MB.'],
  ['S3_ACCESS_KEY', 'S3_ACCESS_KEY is not a setting and has no effect; there is S3_ACCESS_KEY_ID.'],
  ['DATABASE_URL_FIEL', 'DATABASE_URL_FIEL is not a setting and has no effect; there is DATABASE_URL_FILE.'],
])('%s is said to have no effect, and what is meant', (name, sentence) => {
  expect(unknownSettings({ [name]: 'hunter2' })).toEqual([sentence])
  expect(unknownSettings({ [name]: ' ' })).toEqual([])
})

test('settings, and variables of other programs, are not mentioned', () => {
  const settings = Object.keys(VARIABLES)
  const others = [
    ...['HOME', 'HOSTNAME', 'POST', 'PORTS', 'PATH', 'NODE_ENV', 'TZ', 'DATABASE_NAME', 'S3_USE_SSL', 'AWS_REGION', 'TASK'],
    // Of Kubernetes, for services that are named obscura and redis.
    ...['OBSCURA_PORT', 'OBSCURA_SERVICE_HOST', 'OBSCURA_PORT_8080_TCP', 'REDIS_PORT', 'REDIS_SERVICE_PORT'],
    // Of the AWS SDK, OpenTelemetry and Node.js, which read them themselves.
    ...['AWS_ACCESS_KEY_ID', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_SAMPLER_ARG', 'NODE_EXTRA_CA_CERTS'],
  ]
  const set = [...settings, 'WEBHOOK_SECRET_FILE', ...others].map(name => [name, '1'])
  expect(unknownSettings(Object.fromEntries(set))).toEqual([])
})

test('former names are not settings, and their replacements are', () => {
  for (const [former, name] of Object.entries(RENAMED)) {
    expect(VARIABLES).not.toHaveProperty(former)
    expect(VARIABLES).toHaveProperty(name)
  }
})
