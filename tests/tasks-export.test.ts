/** `obscura tasks export`: beside the running service, and in its folder when none runs. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { until } from '@obscura/test-servers/server-folder'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, obscura, printed, start } from './command.js'

let folder: string
let env: Record<string, string>
let service: ChildProcess
let corrected: number
let untouched: number
let approved: number

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'obscura-export-'))
  env = {
    ...{ OBSCURA_DATA: folder, OBSCURA_PASSWORD: 'first secret', PORT: '0', LOG_LEVEL: 'warn' },
    ...{ ENGINE_PROFILE: 'fast', ENGINE_PROCESSES: '1', NODE_NO_WARNINGS: '1' },
  }
  service = start(['serve'], { env })
  const [, url] = await printed(service, 'stdout', /ready at (http\S+)/)
  let authorization = ''
  const call = async (method: string, route: string, body?: object) => {
    const answer = await fetch(url + route, { method, headers: { authorization }, body: body && JSON.stringify(body) })
    const result = (await answer.json()) as Record<string, string>
    expect([answer.status, result]).toEqual([200, result])
    return result
  }
  authorization = (await call('POST', '/v2/signin', { username: 'admin', password: 'first secret' })).AccessToken
  const photo = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#888' } })
    .png()
    .toBuffer()
  const processed = async (review: boolean) => {
    const { task_id, upload_url } = await call('POST', '/v2/task', { anonymization_method: 'blacken', face: true, review })
    await fetch(upload_url, { method: 'PUT', body: new Uint8Array(photo) })
    await until(async () => (await call('GET', `/v2/task/${task_id}/status`)).task_status === 'done', 60)
    return Number(task_id)
  }
  corrected = await processed(false)
  untouched = await processed(false)
  approved = await processed(true)
  await call('POST', `/v2/task/${corrected}/corrections`, { add: [{ class: 'face', box: [10, 12, 30, 40] }] })
  await call('POST', `/v2/task/${approved}/approve`)
})
afterAll(async () => {
  service.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => obscura(['tasks', 'export', ...args], { env })

test('what was approved or corrected is exported beside the running service, once', async () => {
  const file = path.join(folder, 'coco.json')
  const { code, stdout, stderr } = await run('--format', 'coco', '--out', file)
  expect([code, stdout]).toEqual([0, ''])
  expect(stderr).toBe(
    `2 images with 1 regions are exported to ${file}.\nNot exported: 1 of the tasks. Nobody has approved or corrected it.\n`,
  )
  const coco = JSON.parse(await readFile(file, 'utf8'))
  expect(coco.images).toEqual([
    { id: approved, file_name: `${approved}.png`, width: 96, height: 64 },
    { id: corrected, file_name: `${corrected}.png`, width: 96, height: 64 },
  ])
  expect(coco.annotations).toMatchObject([{ id: 1, image_id: corrected, category_id: 1, bbox: [10, 12, 20, 28] }])
  expect(await run('--out', file)).toMatchObject({ code: 1, stderr: `obscura: ${file} exists already.\n` })
})

test('errors are explained', async () => {
  const nothing = await run(String(untouched))
  expect([nothing.code, nothing.stderr]).toEqual([
    1,
    expect.stringMatching(/nothing to export\.\nNot exported: 1 of the tasks\. Nobody/),
  ])
  expect((await run(String(corrected), '--since', '1d')).stderr).toMatch(/Give task IDs, or select tasks/)
})

test('a given task is exported from the folder of a stopped service, to stdout', async () => {
  service.kill('SIGTERM')
  await ended(service)
  expect(JSON.parse((await run(String(corrected))).stdout)).toEqual([
    {
      ...{ image: `${corrected}.png`, width: 96, height: 64, source: 'export', labelled: ['face'], complete: true },
      objects: [{ type: 'face', bbox: [10, 12, 30, 40] }],
    },
  ])
})
