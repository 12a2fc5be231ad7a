/**
 * Before the project "production" of vitest.config.mts: PostgreSQL, Redis and S3, whose settings
 * its tests find in the environment.
 */
import { prepareBucket } from '@obscura/shared/s3'
import { startCeph } from '@obscura/test-servers/ceph'
import { startPostgres } from '@obscura/test-servers/postgres'
import { startRedis } from '@obscura/test-servers/redis'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Settings that point to the servers, by their names. */
    settings: Record<string, string>
  }
}

/** Starts the servers. @returns what stops them */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, redis, s3] = await Promise.all([startPostgres(), startRedis(), startCeph()])
  const { endpoint, accessKeyId, secretAccessKey } = s3
  const bucket = { endpoint, publicEndpoint: endpoint, region: 'us-east-1', bucket: 'obscura', forcePathStyle: true }
  await prepareBucket({ ...bucket, credentials: { accessKeyId, secretAccessKey } }, { expireDays: 0 })
  project.provide('settings', {
    DATABASE_URL: await postgres.createDatabase(),
    REDIS_URL: redis.url,
    S3_ENDPOINT: endpoint,
    S3_REGION: bucket.region,
    S3_BUCKET: bucket.bucket,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    S3_FORCE_PATH_STYLE: '1',
  })
  return async () => {
    await Promise.all([postgres.stop(), redis.stop(), s3.stop()])
  }
}
