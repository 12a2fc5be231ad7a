import { register } from 'prom-client'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { announceModels, leaveModels, type WorkerModels } from './announce.js'
import { difference } from './difference.js'
import { showModels } from './models-metrics.js'

const USUAL: WorkerModels = {
  profile: 'standard',
  fingerprint: '0123456789ab',
  models: [
    { name: 'nanodet', sha256: 'a'.repeat(64) },
    { name: 'plate', sha256: 'b'.repeat(64), precision: 'float' },
  ],
}
const OTHER: WorkerModels = { ...USUAL, fingerprint: 'ba9876543210' }

describe('a worker that announces its models', () => {
  onEachDatabase(db => {
    beforeAll(() => migrate(db))
    beforeEach(() => db.query('truncate worker_models'))

    test('differs from nobody when it is alone, or like the others', async () => {
      expect(await announceModels(db, 'a', USUAL)).toBeUndefined()
      expect(await announceModels(db, 'b', USUAL)).toBeUndefined()
      expect(await announceModels(db, 'a', USUAL)).toBeUndefined()
    })

    test('learns what most others use when that differs', async () => {
      await announceModels(db, 'a', USUAL)
      await announceModels(db, 'b', USUAL)
      await announceModels(db, 'c', OTHER)
      expect(await announceModels(db, 'd', OTHER)).toEqual(USUAL)
      expect(await announceModels(db, 'a', USUAL)).toBeDefined()
    })

    test('counts workers of different precisions as one', async () => {
      const int8 = { ...USUAL, models: [USUAL.models[0], { ...USUAL.models[1], precision: 'int8' as const }] }
      for (const owner of ['a', 'b', 'c']) await announceModels(db, owner, USUAL)
      for (const owner of ['d', 'e']) await announceModels(db, owner, int8)
      for (const owner of ['f', 'g', 'h']) await announceModels(db, owner, OTHER)
      expect(await announceModels(db, 'g', OTHER)).toMatchObject({ fingerprint: USUAL.fingerprint })
      expect(await announceModels(db, 'a', USUAL)).toBeUndefined()
    })

    test('is not compared to workers that have stopped or died', async () => {
      await announceModels(db, 'stopped', USUAL)
      await leaveModels(db, 'stopped')
      await announceModels(db, 'died', USUAL)
      await db.query(`update worker_models set seen_time = seen_time - interval '4 minutes'`)
      expect(await announceModels(db, 'a', OTHER)).toBeUndefined()
      expect(await db.query('select owner from worker_models')).toEqual([{ owner: 'a' }])
    })
  })
})

describe('a difference', () => {
  test.each<[Partial<WorkerModels>, string]>([
    [{ profile: 'fast' }, 'the profile fast instead of standard'],
    [{ models: [USUAL.models[0], { name: 'plate', sha256: 'c'.repeat(64), precision: 'float' }] }, 'another file of plate'],
    [
      { ...OTHER, models: [USUAL.models[0], { name: 'plate', sha256: 'c'.repeat(64), precision: 'int8' }] },
      'other manifests or profiles',
    ],
    [{ models: [USUAL.models[0], { name: 'yolox-s', sha256: 'c'.repeat(64) }] }, 'no plate, yolox-s in addition'],
    [{ fingerprint: 'ba9876543210' }, 'other manifests or profiles'],
  ])('is named: %j', (changes, expected) => {
    expect(difference({ ...USUAL, ...changes }, USUAL)).toBe(expected)
  })
})

test('metrics show the profile and each network with its file', async () => {
  showModels(OTHER)
  showModels(USUAL)
  const shown = await register.metrics()
  expect(shown).toContain('obscura_models_info{profile="standard",fingerprint="0123456789ab"} 1')
  expect(shown).toContain(`obscura_model_info{name="plate",sha256="${'b'.repeat(64)}",precision="float"} 1`)
  expect(shown).not.toContain(OTHER.fingerprint)
})
