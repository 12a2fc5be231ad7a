/** Backup and restore as docs/operations.md describes them. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startPostgres } from '@obscura/test-servers/postgres'
import { findProgram, missing } from '@obscura/test-servers/requirement'
import { until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from './chaos/client.js'
import { FIXTURES, printed, start } from './command.js'

const run = promisify(execFile)

let root: string
let photo: Buffer

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-backup-'))
  photo = await readFile(path.join(FIXTURES, 'group-portrait.jpg'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function serve(folder: string, databaseUrl = '') {
  const child = start(['serve'], {
    env: {
      OBSCURA_DATA: path.join(root, folder),
      DATABASE_URL: databaseUrl,
      OBSCURA_PASSWORD: 'first secret',
      PORT: '0',
      ENGINE_PROFILE: 'fast',
      ENGINE_PROCESSES: '1',
    },
  })
  const [, url] = await printed(child, 'stdout', /ready at (http\S+)/)
  const client = await signIn(url, 'admin', 'first secret')
  const stop = async () => {
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
  }
  return { client, stop }
}

/** Sends a photo and waits until it is anonymized. */
async function anonymize(client: Awaited<ReturnType<typeof signIn>>): Promise<number> {
  const task = await client.send(photo)
  await until(async () => (await client.status(task)) === 'done', 240)
  return task
}

test('a copy of the data folder is the whole service: users, tasks, files', { timeout: 600_000 }, async () => {
  const first = await serve('first')
  const task = await anonymize(first.client)
  const result = await first.client.download(task)
  await first.stop()
  await cp(path.join(root, 'first'), path.join(root, 'copy'), { recursive: true })
  const copy = await serve('copy')
  expect(result.equals(await copy.client.download(task))).toBe(true)
  await anonymize(copy.client)
  await copy.stop()
})

test.skipIf(missing('initdb'))(
  'a dump taken while the service runs, restored elsewhere, with the files',
  { timeout: 600_000 },
  async () => {
    const postgres = await startPostgres()
    try {
      const [original, restored] = [await postgres.createDatabase(), await postgres.createDatabase()]
      const first = await serve('files', original)
      const task = await anonymize(first.client)
      const result = await first.client.download(task)
      const dump = path.join(root, 'obscura.dump')
      await run(findProgram('pg_dump')!, ['--format=custom', `--file=${dump}`, original])
      const later = await anonymize(first.client)
      await first.stop()

      await run(findProgram('pg_restore')!, [`--dbname=${restored}`, '--no-owner', dump])
      const second = await serve('files', restored)
      expect(result.equals(await second.client.download(task))).toBe(true)
      await expect(second.client.status(later)).rejects.toThrow(/answered 400/)
      expect(await anonymize(second.client)).toBeGreaterThan(later)
      await second.stop()
    } finally {
      await postgres.stop()
    }
  },
)
