import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { printed, start } from './command.js'

/** Seconds for an image; what takes longer is killed, once more tried, and failed. */
const LIMIT = 10

let folder: string
let service: ChildProcess
let url: string
let headers: { Authorization: string }

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'obscura-hostile-'))
  service = start(['serve'], {
    env: {
      ...{ OBSCURA_DATA: folder, OBSCURA_USERNAME: 'admin', OBSCURA_PASSWORD: 'the first secret', PORT: '0', HOST: '127.0.0.1' },
      ...{ LOG_LEVEL: 'silent', ENGINE_PROFILE: 'fast', ENGINE_PROCESSES: '1', ENGINE_MAX_SECONDS: String(LIMIT) },
    },
  })
  url = (await printed(service, 'stdout', /ready at (http\S+)/))[1]
  const body = JSON.stringify({ username: 'admin', password: 'the first secret' })
  const { AccessToken } = await json(await fetch(`${url}/v2/signin`, { method: 'POST', body }))
  headers = { Authorization: AccessToken }
})

afterAll(async () => {
  service.kill('SIGKILL')
  await once(service, 'exit')
  await rm(folder, { recursive: true, force: true })
})

const json = async (response: Response) => (await response.json()) as Record<string, string>

/** A chunk of a PNG; its CRC-32 is that of gzip. (PNG specification, 5.3) */
function chunk(type: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type), data])
  const framed = Buffer.alloc(content.length + 8)
  framed.writeUInt32BE(data.length)
  content.copy(framed, 4)
  framed.writeUInt32BE(gzipSync(content).readUInt32LE(gzipSync(content).length - 8), content.length + 4)
  return framed
}

/** A small PNG with compressed texts behind its header. */
async function pngWith(texts: [keyword: string, text: string][]): Promise<Buffer> {
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'gray' } })
    .png()
    .toBuffer()
  const headerEnd = 8 + 25
  const chunks = texts.map(([keyword, text]) =>
    chunk('zTXt', Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(text, { level: 9 })])),
  )
  return Buffer.concat([png.subarray(0, headerEnd), ...chunks, png.subarray(headerEnd)])
}

/** Uploads a file as a task and waits for its end. */
async function runTask(file: Buffer): Promise<string> {
  const body = JSON.stringify({ anonymization_method: 'blur', face: true })
  const task = await json(await fetch(`${url}/v2/task`, { method: 'POST', headers, body }))
  await fetch(task.upload_url, { method: 'PUT', body: new Uint8Array(file) })
  for (;;) {
    const { task_status } = await json(await fetch(`${url}/v2/task/${task.task_id}/status`, { headers }))
    if (task_status === 'done' || task_status === 'failed') return task_status
    await sleep(200)
  }
}

/**
 * Asks for /health again and again while something goes on.
 * @returns the longest response in milliseconds
 */
async function slowestHealth(during: Promise<unknown>): Promise<number> {
  let over = false
  const end = during.finally(() => {
    over = true
  })
  let slowest = 0
  while (!over) {
    const asked = performance.now()
    expect((await fetch(`${url}/health`)).status).toBe(200)
    slowest = Math.max(slowest, performance.now() - asked)
    await sleep(20)
  }
  await end
  return slowest
}

const hostile: [string, [string, string][]][] = [
  ['a text that a careless pattern reads for minutes', [['Raw profile type exif', `a 1${' '.repeat(300_000)}!`]]],
  [
    'texts that inflate to 400 MiB',
    Array.from({ length: 100 }, () => ['Raw profile type exif', ' '.repeat(4 * 1024 ** 2)] as [string, string]),
  ],
]

test.each(hostile)('%s: /health is hardly slower all the time, and the task ends', async (_, texts) => {
  // On a busy machine everything takes longer.
  const usual = await slowestHealth(runTask(await pngWith([])))
  const file = await pngWith(texts)
  const running = runTask(file)
  expect(await slowestHealth(running)).toBeLessThan(1000 + 5 * usual)
  expect(['done', 'failed']).toContain(await running)
  expect(service.exitCode).toBeNull()
  // The service goes on as if nothing had been.
  expect(await runTask(await pngWith([]))).toBe('done')
})
