import { createLogger, type WorkerModels } from '@obscura/shared'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startModelsWatch } from './models-watch.js'
import { openServices, type TestServices } from './test/services.js'

const USUAL: WorkerModels = {
  profile: 'standard',
  fingerprint: 'a'.repeat(12),
  models: [{ name: 'net', sha256: 'a'.repeat(64) }],
}
const OTHER: WorkerModels = { profile: 'fast', fingerprint: 'b'.repeat(12), models: [] }

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())

test('a worker whose models differ from the rest warns once, and reports when that is over', async () => {
  const log = createLogger('silent')
  const [warn, info] = [vi.spyOn(log, 'warn'), vi.spyOn(log, 'info')]
  const { db } = services
  const usual = startModelsWatch({ db, log: services.log }, 'usual', USUAL, 5)
  await expect.poll(() => db.query('select owner from worker_models')).toHaveLength(1)
  const other = startModelsWatch({ db, log }, 'other', OTHER, 5)
  await expect.poll(() => warn).toHaveBeenCalled()
  expect(warn.mock.lastCall?.[1]).toBe(
    'This worker uses different models from most workers: the profile fast instead of standard, no net.',
  )
  await usual.stop()
  await expect.poll(() => info).toHaveBeenCalledWith('This worker uses the same models as most workers again.')
  expect(warn).toHaveBeenCalledTimes(1)
  await other.stop()
  expect(await db.query('select owner from worker_models')).toEqual([])
})
