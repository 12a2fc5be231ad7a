/** The service as its operators start it, and API v2 as a client sees it. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, expect } from 'vitest'
import { FIXTURES, printed, start } from './command.js'

/** A folder for the data of one test file. */
export const root = mkdtempSync(path.join(tmpdir(), 'obscura-serve-'))
afterAll(() => rm(root, { recursive: true, force: true }))

/** A photo with faces, 640 px wide. */
export const photo = await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(640).jpeg().toBuffer()

/** Settings of a service whose data is in a folder of {@link root}; any free port. */
export const environment = (folder: string) => ({
  OBSCURA_DATA: path.join(root, folder),
  OBSCURA_USERNAME: 'admin',
  OBSCURA_PASSWORD: 'first secret',
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  ENGINE_PROFILE: 'fast',
  ENGINE_PROCESSES: '1',
  TASK_LEASE_SECONDS: '5',
})

/** Starts a service, and waits until it is ready. */
export async function serve(
  folder: string,
  settings: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = start(['serve'], { env: { ...environment(folder), ...settings } })
  const [, url] = await printed(child, 'stdout', /ready at (http\S+)/)
  return { child, url }
}

/** What the tests read of the API's responses. */
interface Body {
  AccessToken: string
  task_id: number
  task_status: string
  failure_cause?: string
  upload_url: string
  original_url: string
  anonymized_url: string
  binary_segmentation_mask_url: string
  instance_segmentation_mask_url: string
  detections: object[]
  items: object[]
}

export const json = async (response: Response) => (await response.json()) as Body

/** The v2 API as a client of one user sees it. */
export async function signIn(url: string, username = 'admin', password = 'first secret') {
  const response = await fetch(`${url}/v2/signin/`, { method: 'POST', body: JSON.stringify({ username, password }) })
  const { AccessToken } = await json(response)
  const call = (method: string, target: string, body?: unknown) =>
    fetch(url + target, {
      method,
      headers: { Authorization: AccessToken },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  const read = async (target: string) => json(await call('GET', target))
  return {
    status: response.status,
    call,
    read,
    /** Creates a task and uploads the photo to it, declared as `type`. */
    async submit(parameters: Record<string, unknown>, file: Uint8Array = photo, type?: string): Promise<string> {
      const created = await call('POST', '/v2/task/', { 'anonymization-method': 'blur', face: true, ...parameters })
      expect(created.status).toBe(200)
      const { task_id, upload_url } = await json(created)
      const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type }
      expect((await fetch(upload_url, { method: 'PUT', headers, body: Buffer.from(file) })).status).toBe(200)
      return String(task_id)
    },
    async finished(id: string) {
      for (;;) {
        const status = await read(`/v2/task/${id}/status`)
        if (['done', 'failed'].includes(status.task_status)) return status
        await sleep(100)
      }
    },
  }
}

export const download = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())
