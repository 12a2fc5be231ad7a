import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, configTable, readConfig } from './config.js'
import { VARIABLES } from './variables.js'

test('every setting has a default', () => {
  const config = readConfig({})
  expect(config).toMatchObject({ PORT: 8080, HOST: '127.0.0.1', OBSCURA_DATA: './data', WEBHOOK_ALLOW_PRIVATE: false })
  expect(config.PUBLIC_URL).toBeUndefined()
  expect(Object.keys(config)).toEqual(Object.keys(VARIABLES))
})

test('settings are read, empty ones count as unset', () => {
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: 'https://photos.example/obscura/',
    WEBHOOK_ALLOW_PRIVATE: 'TRUE',
    OBSCURA_DATA: ' /srv/data ',
    LOG_LEVEL: '',
    ENGINE_PROFILE: 'fast',
  })
  expect(config).toMatchObject({
    PORT: 0,
    PUBLIC_URL: 'https://photos.example/obscura',
    WEBHOOK_ALLOW_PRIVATE: true,
    OBSCURA_DATA: '/srv/data',
    LOG_LEVEL: 'info',
    ENGINE_PROFILE: 'fast',
  })
})

test.each([
  ['PORT', '65536', 'PORT must be a whole number from 0 to 65535, not "65536".'],
  ['PORT', '80.5', 'PORT must be a whole number from 0 to 65535, not "80.5".'],
  ['PORT', '-1', 'PORT must be a whole number from 0 to 65535, not "-1".'],
  ['WEBHOOK_ALLOW_PRIVATE', 'yes', 'WEBHOOK_ALLOW_PRIVATE must be 1 or 0, not "yes".'],
  ['PUBLIC_URL', 'photos.example', 'PUBLIC_URL must be a URL that starts with http:// or https://, not "photos.example".'],
  ['ENGINE_PROFILE', 'The best', 'ENGINE_PROFILE must be lower-case letters, digits and hyphens, not "The best".'],
])('%s=%s is refused with a sentence', (name, value, message) => {
  expect(() => readConfig({ [name]: value })).toThrow(new ConfigError(message))
})

test('all invalid settings are reported together, without secrets', () => {
  const read = () => readConfig({ PORT: 'x', DATABASE_URL: 'mysql://root:hunter2@db' })
  expect(read).toThrow(/PORT must be .*\nDATABASE_URL has an invalid value; expected a URL that starts with postgres:\/\//)
  expect(read).not.toThrow(/hunter2/)
})

describe('a secret from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (content: string) => {
    const path = join(folder, String(Math.random()))
    writeFileSync(path, content)
    return path
  }
  const SECRETS = [
    ['DATABASE_URL', 'postgres://db/obscura'],
    ['REDIS_URL', 'redis://:secret@redis'],
    ['S3_ACCESS_KEY_ID', 'key'],
    ['S3_SECRET_ACCESS_KEY', 'pass word'],
    ['S3_EVENTS_TOKEN', 'token'],
    ['OBSCURA_PASSWORD', 'ünï/ç0de'],
    ['WEBHOOK_SECRET', 'secret'],
  ] as const

  test.each(SECRETS)('%s: its content counts, without the newline at its end', (name, value) => {
    expect(readConfig({ [`${name}_FILE`]: file(`${value}\r\n`) })[name]).toBe(value)
  })

  test('all secrets can be read from files, and the table says so', () => {
    const secrets = Object.entries(VARIABLES).filter(([, variable]) => 'secret' in variable && variable.secret)
    expect(secrets.map(([name]) => name).sort()).toEqual(SECRETS.map(([name]) => name).sort())
    for (const [name] of SECRETS) expect(configTable()).toContain(`${name}_FILE`)
  })

  test('a file that is missing or empty, a value beside it, and a wrong content are refused without showing any', () => {
    const missing = join(folder, 'gone')
    expect(() => readConfig({ WEBHOOK_SECRET_FILE: missing })).toThrow(
      /^WEBHOOK_SECRET_FILE points to the file ".*gone", which cannot be read: ENOENT/,
    )
    expect(() => readConfig({ WEBHOOK_SECRET_FILE: folder })).toThrow(/cannot be read: EISDIR/)
    expect(() => readConfig({ WEBHOOK_SECRET_FILE: file(' \n') })).toThrow(/^WEBHOOK_SECRET_FILE .* which is empty: write/)
    expect(() => readConfig({ WEBHOOK_SECRET: 'a', WEBHOOK_SECRET_FILE: file('b') })).toThrow(
      'WEBHOOK_SECRET and WEBHOOK_SECRET_FILE are both set: unset one of them.',
    )
    const read = () => readConfig({ DATABASE_URL_FILE: file('mysql://root:hunter2@db') })
    expect(read).toThrow('DATABASE_URL has an invalid value')
    expect(read).not.toThrow(/hunter2/)
    expect(readConfig({ WEBHOOK_SECRET: 'a', WEBHOOK_SECRET_FILE: '' }).WEBHOOK_SECRET).toBe('a')
  })
})

test('the table for the documentation names every setting', () => {
  const lines = configTable().split('\n').slice(2)
  expect(lines).toHaveLength(Object.keys(VARIABLES).length)
  expect(lines).toContainEqual(expect.stringMatching(/^\| PORT \| 8080 \| Port the API listens on/))
})
