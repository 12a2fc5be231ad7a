/**
 * Corrections while the embedded service is killed: image, mask and metadata are those of one
 * revision at any time, and no accepted correction is lost.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Supervisor, supervise } from './supervisor.js'

const SERVICE = fileURLToPath(new URL('stub-service.ts', import.meta.url))
const ROUNDS = 6
const CONCURRENCY = 5

let folder: string
let api: string
let supervisor: Supervisor

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obscura-corrections-'))
  const port = await freePort()
  api = `http://127.0.0.1:${port}`
  const env = {
    OBSCURA_DATA: join(folder, 'data'),
    OBSCURA_PASSWORD: 'under fire',
    PORT: String(port),
    LOG_LEVEL: 'silent',
    ENGINE_PROCESSES: '1',
    MIN_FREE_DISK_MB: '0',
    MIN_FREE_MEMORY_MB: '0',
  }
  supervisor = supervise({ service: { args: ['--import', 'tsx', SERVICE], env } })
})

afterAll(async () => {
  await supervisor?.stop('SIGKILL')
  if (folder) await rm(folder, { recursive: true })
})

// biome-ignore lint/suspicious/noExplicitAny: what a response holds is for the test to say
type Json = any

/** The response, or undefined while the service is down. */
async function ask(method: string, path: string, token?: string, body?: unknown): Promise<Json> {
  try {
    const headers: Record<string, string> = token ? { authorization: token } : {}
    const response = await fetch(new URL(path, api), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    return response.status === 200 || response.status === 202 ? await response.json() : undefined
  } catch {
    return undefined
  }
}

const text = async (url: string) => (await fetch(url)).text()
const insist = async (...given: Parameters<typeof ask>) => {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const response = await ask(...given)
    if (response !== undefined) return response
  }
  throw new Error(`No ${given[0]} ${given[1]} within a minute`)
}

test('a kill leaves the old or the new revision, and every accepted correction', { timeout: 300_000 }, async () => {
  const signIn = { username: 'admin', password: 'under fire' }
  const token = (await insist('POST', '/v2/signin', undefined, signIn)).AccessToken
  const parameters = { anonymization_method: 'blur', face: true, instance_segmentation_mask: true }
  const { task_id: id, upload_url } = await insist('POST', '/v2/task', token, parameters)
  await fetch(upload_url, { method: 'PUT', body: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') })
  await until(async () => (await ask('GET', `/v2/task/${id}/status`, token))?.task_status === 'done', 60)
  const task = `/v2/task/${id}`
  const accepted: number[] = []
  const correct = async () => {
    const response = await ask('POST', `${task}/corrections`, token, { add: [{ class: 'face', box: [0, 0, 1, 1] }] })
    if (response) accepted.push(response.revision)
  }

  /** What the task shows, if that is one revision. */
  const shown = async (): Promise<number | undefined> => {
    const before = await insist('GET', `${task}/detections`, token)
    const rendered = before.rendered_revision
    if (rendered === 0) return 0
    const [{ anonymized_url, instance_segmentation_mask_url }, { detections }, { regions }] = await Promise.all([
      insist('GET', task, token),
      insist('GET', `${task}/metadata`, token),
      insist('GET', `${task}/detections?revision=${rendered}`, token),
    ])
    const found = [await text(anonymized_url), await text(instance_segmentation_mask_url)].map(ids => JSON.parse(ids))
    const after = await insist('GET', `${task}/detections`, token)
    // Otherwise a newer revision came in between.
    if (after.rendered_revision !== rendered) return undefined
    const ids = regions.map((region: Json) => region.id)
    expect([...found, detections.map((detection: Json) => detection.id)]).toEqual([ids, ids, ids])
    return rendered
  }

  for (let round = 0; round < ROUNDS; round++) {
    const corrections = Array.from({ length: CONCURRENCY }, correct)
    // Between acceptance and the end of the rendering, at another moment each time.
    await sleep(60 + 60 * round)
    supervisor.kill('service')
    await Promise.all(corrections)
    while ((await shown()) === undefined);
    await correct()
    await until(async () => (await insist('GET', `${task}/detections`, token)).rendering === 'done', 60)
    while ((await shown()) === undefined);
  }
  const { items } = await insist('GET', `${task}/corrections`, token)
  const revisions = items.map((item: Json) => item.revision)
  expect(revisions).toEqual(Array.from({ length: revisions.length }, (_, i) => i + 1))
  expect(accepted.length).toBeGreaterThanOrEqual(ROUNDS)
  for (const revision of accepted) expect(revisions).toContain(revision)
  const added = items.flatMap((item: Json) => item.added)
  expect(new Set(added).size).toBe(revisions.length)
})
