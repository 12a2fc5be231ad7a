import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort, makeServerFolder, until } from './server-folder.js'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('ceph.sh', import.meta.url))

export interface S3Server {
  endpoint: string
  accessKeyId: string
  secretAccessKey: string
  /** The key of another user, arn:aws:iam:::user/narrow, who owns nothing. */
  narrow: { accessKeyId: string; secretAccessKey: string }
  /** A key that objects can be encrypted with. */
  kmsKeyId: string
  stop(): Promise<void>
}

/**
 * Starts a real S3 server of our own without buckets: Ceph's object gateway, objects in memory.
 * `lifecycleDay` shortens a rule's day (seconds).
 */
export async function startCeph({ lifecycleDay }: { lifecycleDay?: number } = {}): Promise<S3Server> {
  const folder = await makeServerFolder('ceph', 'KILL')
  const port = await freePort()
  const env = { ...process.env, ...(lifecycleDay && { LIFECYCLE_DAY: String(lifecycleDay) }) }
  await run(SCRIPT, [folder.path, String(port), String(await freePort())], { env })
  const endpoint = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(endpoint)).ok, 20)
  return {
    endpoint,
    accessKeyId: 'testaccess',
    secretAccessKey: 'testsecret123',
    narrow: { accessKeyId: 'narrowaccess', secretAccessKey: 'narrowsecret123' },
    kmsKeyId: 'testkey',
    stop: folder.remove,
  }
}
