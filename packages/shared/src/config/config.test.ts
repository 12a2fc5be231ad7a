import { expect, test } from 'vitest'
import { ConfigError, configTable, readConfig, VARIABLES } from './config.js'

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
  ['ENGINE_PROFILE', 'best', 'ENGINE_PROFILE must be one of standard, fast, not "best".'],
])('%s=%s is refused with a sentence', (name, value, message) => {
  expect(() => readConfig({ [name]: value })).toThrow(new ConfigError(message))
})

test('all that is wrong is named at once, and no secret shown', () => {
  const read = () => readConfig({ PORT: 'x', DATABASE_URL: 'mysql://root:hunter2@db' })
  expect(read).toThrow(/PORT must be .*\nDATABASE_URL must be a URL that starts with postgres:\/\//)
  expect(read).not.toThrow(/hunter2/)
})

test('the table for the documentation names every setting', () => {
  const lines = configTable().split('\n').slice(2)
  expect(lines).toHaveLength(Object.keys(VARIABLES).length)
  expect(lines).toContainEqual(expect.stringMatching(/^\| PORT \| 8080 \| Port the API listens on/))
})
