/**
 * The API's own suite once more, on PostgreSQL, Redis and S3 instead of the embedded services: the
 * same tests, configured by the environment.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { prepareBucket } from '@obscura/shared/s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type S3Server, startCeph } from '../../../tests/servers/ceph.js'
import { type PostgresServer, startPostgres } from '../../../tests/servers/postgres.js'
import { type RedisServer, startRedis } from '../../../tests/servers/redis.js'
import { missing } from '../../../tests/servers/requirement.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SUITES = ['apps/api/src/routes', 'apps/api/src/access', 'apps/api/src/clients.test.ts']

describe.skipIf(missing('initdb') || missing('redis-server') || missing('radosgw'))('on PostgreSQL, Redis and S3', () => {
  let postgres: PostgresServer
  let redis: RedisServer
  let s3: S3Server

  beforeAll(async () => {
    ;[postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startCeph()])
  })
  afterAll(() => Promise.all([postgres?.stop(), redis?.stop(), s3?.stop()]))

  it('the suite passes unchanged', async () => {
    const { endpoint, accessKeyId, secretAccessKey } = s3
    const bucket = { endpoint, publicEndpoint: endpoint, region: 'us-east-1', bucket: 'obscura', forcePathStyle: true }
    await prepareBucket({ ...bucket, credentials: { accessKeyId, secretAccessKey } }, { expireDays: 0 })
    const env = {
      PATH: process.env.PATH,
      NO_COLOR: '1',
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      S3_ENDPOINT: endpoint,
      S3_REGION: bucket.region,
      S3_BUCKET: bucket.bucket,
      S3_ACCESS_KEY_ID: accessKeyId,
      S3_SECRET_ACCESS_KEY: secretAccessKey,
      S3_FORCE_PATH_STYLE: '1',
    }
    const run = promisify(execFile)(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...SUITES], { cwd: ROOT, env })
    const printed = await run.then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => `${stdout}${stderr}`,
    )
    expect(printed).toMatch(/Test Files\s+(\d+) passed \(\1\)/)
  }, 1_200_000)
})
