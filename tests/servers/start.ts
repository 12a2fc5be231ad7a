/**
 * Starts real servers for trying things by hand and prints the settings that point to them; they
 * end with this process. usage: npx tsx tests/servers/start.ts redis postgres s3
 */
import { startCeph } from './ceph.js'
import { startPostgres } from './postgres.js'
import { startRedis } from './redis.js'

const START: Record<string, () => Promise<Record<string, string>>> = {
  redis: async () => ({ REDIS_URL: (await startRedis()).url }),
  postgres: async () => ({ DATABASE_URL: await (await startPostgres()).createDatabase() }),
  s3: async () => {
    const { endpoint, accessKeyId, secretAccessKey } = await startCeph()
    return { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey, S3_BUCKET: 'obscura' }
  },
}

for (const name of process.argv.slice(2)) {
  if (!START[name]) throw new Error(`Unknown server ${name}; there are ${Object.keys(START).join(', ')}.`)
  for (const [variable, value] of Object.entries(await START[name]())) console.log(`${variable}=${value}`)
}
setInterval(() => undefined, 60_000)
