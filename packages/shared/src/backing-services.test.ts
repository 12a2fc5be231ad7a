import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCeph } from '@obscura/test-servers/ceph'
import { startPostgres } from '@obscura/test-servers/postgres'
import { startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import { mountSmallDisk } from '@obscura/test-servers/small-disk'
import { afterAll, expect, test } from 'vitest'
import { openBackingServices, openStore, s3Options } from './backing-services.js'
import { readConfig } from './config/config.js'
import { createLogger } from './log.js'
import { prepareBucket } from './store/s3-setup.js'

const lacking = missing('initdb') || missing('redis-server') || missing('radosgw')

async function useBacking(settings: Record<string, string>): Promise<{ embeddedStore: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), 'backing-'))
  const config = readConfig({ OBSCURA_DATA: folder, ...settings })
  const backing = await openBackingServices(config, () => 'http://localhost', createLogger('silent'))
  expect(await backing.db.query('select count(*) as tasks from tasks')).toEqual([{ tasks: 0 }])
  await backing.store.check()
  await backing.store.put('a/original', Buffer.from('x'), 'image/png')
  expect(await backing.store.list('a/', 10)).toEqual(['a/original'])
  await backing.dispatcher.check()
  const handled: number[] = []
  await backing.dispatcher.start(async taskId => void handled.push(taskId), 1)
  await backing.dispatcher.hint(1, 0)
  await expect.poll(() => handled).toEqual([1])
  await backing.close()
  await rm(folder, { recursive: true })
  return { embeddedStore: backing.fileStore !== undefined }
}

test('without settings everything is embedded', async () => {
  expect(await useBacking({})).toEqual({ embeddedStore: true })
})

test.skipIf(lacking)('settings choose PostgreSQL, Redis and S3', async () => {
  const [postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startCeph()])
  const settings = {
    DATABASE_URL: await postgres.createDatabase(),
    REDIS_URL: redis.url,
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  }
  await prepareBucket(s3Options(readConfig(settings))!, { expireDays: 0 })
  expect(await useBacking(settings)).toEqual({ embeddedStore: false })
  await Promise.all([postgres.stop(), redis.stop(), s3.stop()])
})

const disk = mountSmallDisk(1)
afterAll(() => disk?.remove())
test.skipIf(!disk)(
  'a file store on a full disk opens where the database is elsewhere, so that files can be deleted',
  async () => {
    const open = (settings = {}) => openStore(readConfig({ OBSCURA_DATA: disk!.folder, ...settings }), () => 'http://localhost')
    const before = await open()
    await before.store.put('a/original', Buffer.from('x'), 'image/png')
    await before.store.close()
    await writeFile(join(disk!.folder, 'fill'), new Uint8Array(2e6)).catch(() => {})
    await expect(open()).rejects.toThrow(/ is on a full disk/)
    const { store } = await open({ DATABASE_URL: 'postgres://localhost/obscura' })
    await store.deletePrefix('a/')
    expect(await store.list('a/', 10)).toEqual([])
    await store.close()
  },
)
