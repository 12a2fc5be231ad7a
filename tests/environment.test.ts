import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { VARIABLES } from '../packages/shared/src/config/variables.js'
import { cleanEnvironment } from './environment.js'

test('processes of tests have no settings of the caller, whatever those are', () => {
  const script = 'console.log(JSON.stringify({ ...process.env, umask: process.umask() }))'
  const environment = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
  // The project "production" sets those of its servers itself; this file is not one of its.
  expect(Object.keys(VARIABLES).filter(name => name in environment)).toEqual([])
  expect(environment).toMatchObject({ LANG: 'C.UTF-8', TZ: 'UTC', umask: 0o022 })
  expect(existsSync(environment.HOME)).toBe(true)
  expect(new Date(0).getHours()).toBe(0)
})

test('settings of ours and of other programs are removed, others are not', () => {
  const settings = [
    'OBSCURA_PASSWORD',
    'DATABASE_URL_FILE',
    'PGHOST',
    'AWS_PROFILE',
    'LC_ALL',
    'http_proxy',
    'GIT_DIR',
    'FORCE_COLOR',
  ]
  const environment: NodeJS.ProcessEnv = { PATH: '/bin', REQUIRE_SERVICES: '1', HOME: '/no/such/folder' }
  for (const name of settings) environment[name] = 'odd'
  cleanEnvironment(environment)
  expect(Object.keys(environment).sort()).toEqual(['HOME', 'LANG', 'NODE_ENV', 'PATH', 'REQUIRE_SERVICES', 'TZ'])
  expect(environment.HOME).not.toBe('/no/such/folder')
})
