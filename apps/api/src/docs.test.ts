import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { addUser } from '@obscura/shared'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JPEG, MARK, type Service, startService } from './test/service.js'

let service: Service
let folder: string

beforeAll(async () => {
  service = await startService()
  service.startWork()
  await addUser(service.db, 'admin', 'PASSWORD', 'default')
  folder = await mkdtemp(join(tmpdir(), 'obscura-docs-'))
  await writeFile(join(folder, 'photo.jpg'), JPEG)
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})

it('the commands in docs/api.md work as written', async () => {
  const guide = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8')
  const script = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines).join('echo\n')
  const here = script.replace('http://127.0.0.1:8080', service.url)
  const { stdout } = await promisify(execFile)('bash', ['-euc', here], { cwd: folder })
  expect(await readFile(join(folder, 'anonymized.jpg'))).toEqual(Buffer.concat([MARK, JPEG]))
  expect(stdout).toMatch(/"task_status":"done"/)
  expect(stdout).toMatch(/"limit":10,"count":2/)
  expect(stdout).toMatch(/"items":\[\{"day":"\d{4}-\d\d-\d\d","total":2/)
  expect(stdout).toMatch(/"files_deleted":true/)
  expect(stdout).toMatch(/"task_status":"queued"/)
  expect(stdout).not.toMatch(/"error"|"message"/)
})
