import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, obscura, printed, start } from './command.js'
import { download, environment, json, photo, root, serve, signIn } from './service.js'

describe('one service', () => {
  let child: ChildProcess
  let url: string
  let client: Awaited<ReturnType<typeof signIn>>

  beforeAll(async () => {
    ;({ child, url } = await serve('one'))
    client = await signIn(url)
  })

  afterAll(async () => {
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
  })

  test('a photo goes through the API: task, upload, status, download, masks, metadata, deletion', async () => {
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    const id = await client.submit({ binary_segmentation_mask: true, instance_segmentation_mask: true })
    const status = await client.finished(id)
    expect(status).toMatchObject({ task_id: Number(id), task_status: 'done' })

    const task = await client.read(`/v2/task/${id}`)
    const anonymized = await sharp(await download(task.anonymized_url)).metadata()
    expect(anonymized).toMatchObject({ format: 'jpeg', width: 640 })
    expect(await download(task.original_url)).toEqual(photo)
    for (const mask of [task.binary_segmentation_mask_url, task.instance_segmentation_mask_url]) {
      expect(await sharp(await download(mask)).metadata()).toMatchObject({ format: 'png', width: 640 })
    }
    const { detections } = await client.read(`/v2/task/${id}/metadata`)
    expect(detections.length).toBeGreaterThanOrEqual(5)
    expect(detections[0]).toMatchObject({ type: 103, type_label: 'face', is_anonymised: true })
    const { items } = await client.read('/v2/task/list?create_time_after=2020-01-01')
    expect(items).toContainEqual(expect.objectContaining({ task_id: Number(id), task_status: 'done' }))

    expect(await json(await client.call('DELETE', `/v2/task/${id}/files`))).toEqual({ files_deleted: true, task_id: id })
    expect((await fetch(task.anonymized_url)).ok).toBe(false)
    expect((await client.read(`/v2/task/${id}/status`)).task_status).toBe('deleted')
  })

  test('a bad file fails its own task with the documented cause', async () => {
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
    const png = await sharp(photo).png().toBuffer()
    const cases: [file: Uint8Array, type: string | undefined, parameters: Record<string, unknown>, cause: string | undefined][] =
      [
        [photo.subarray(0, 300), undefined, {}, 'IMAGE_DEFECT'],
        [png.subarray(0, 40), 'image/png', {}, 'IMAGE_DEFECT'],
        [gif, 'image/jpeg', {}, 'IMAGE_DEFECT'],
        [gif, undefined, {}, 'CONTENT_TYPE_ERROR'],
        [new Uint8Array(), undefined, {}, 'IMAGE_DEFECT'],
        [photo, 'image/gif', {}, 'CONTENT_TYPE_ERROR'],
        [photo, undefined, { format: 'pano:4096' }, 'PARAMETER_ERROR_FORMAT'],
        [png, 'image/jpeg', {}, undefined],
      ]
    const outcomes = cases.map(async ([file, type, parameters]) => {
      const status = await client.finished(await client.submit(parameters, file, type))
      return status.failure_cause
    })
    expect(await Promise.all(outcomes)).toEqual(cases.map(([, , , cause]) => cause))

    const empty = await json(
      await client.call('POST', '/v2/task', { anonymization_method: 'blur', face: true, start_on: 'start_request' }),
    )
    const started = await json(await client.call('POST', `/v2/task/${empty.task_id}/start`))
    expect(started).toMatchObject({ task_status: 'failed', failure_cause: 'TASK_FILE_DOESNT_EXIST' })
  })

  test('users are administered beside the running service, and see only the tasks of their own customer', async () => {
    const env = environment('one')
    const add = ['user', 'add', 'maria', '--customer', 'City of Graz', '--password-stdin']
    expect(await obscura(add, { env, input: 'the pass word\n' })).toMatchObject({ code: 0 })
    expect(await obscura(add, { env, input: 'the pass word\n' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already'),
    })
    const { stdout } = await obscura(['user', 'list'], { env })
    expect(stdout).toMatch(/^admin\tdefault\t.*\nmaria\tCity of Graz\t.*\n$/)

    const maria = await signIn(url, 'maria', 'the pass word')
    expect(maria.status).toBe(200)
    const id = await client.submit({})
    expect((await maria.call('GET', `/v2/task/${id}`)).status).toBe(400)

    const password = ['user', 'password', 'maria', '--password-stdin']
    expect(await obscura(password, { env, input: 'change' })).toMatchObject({
      code: 1,
      stderr: 'obscura: The password must have at least 8 characters.\n',
    })
    expect(await obscura(password, { env, input: 'a new pass word' })).toMatchObject({ code: 0 })
    expect((await signIn(url, 'maria', 'the pass word')).status).toBe(400)
    const again = await signIn(url, 'maria', 'a new pass word')
    expect(again.status).toBe(200)
    expect(await obscura(['user', 'signout', 'maria'], { env })).toMatchObject({ code: 0, stdout: 'Ended 1 session.\n' })
    expect(await obscura(['user', 'signout'], { env })).toMatchObject({ code: 1 })
    await expect.poll(async () => (await again.call('GET', '/v2/usage')).status).toBe(401)
    expect(await obscura(['user', 'remove', 'maria'], { env })).toMatchObject({ code: 0 })
    expect(await obscura(['user', 'remove', 'maria'], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no user named maria'),
    })
    for (const change of [['remove'], ['admin', '--revoke']])
      expect(await obscura(['user', ...change, 'admin'], { env })).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('admin is the only administrator'),
      })
    await client.finished(id)
  })
})

test('the commands that it prints for a first image work as written', async () => {
  const folder = await mkdtemp(path.join(root, 'first-'))
  const child = start(['serve'], { env: { ...environment('first'), OBSCURA_PASSWORD: '' } })
  const [, lines] = await printed(child, 'stdout', /photo\.jpg, run in another terminal:\n\n([\s\S]*?)\n\nStop with/)
  await sharp(photo).toFile(path.join(folder, 'photo.jpg'))
  const shell = await ended(spawn('bash', ['-euo', 'pipefail', '-c', lines], { cwd: folder }))
  expect(shell).toMatchObject({ code: 0, stdout: expect.stringContaining('"done"') })
  expect(await sharp(await readFile(path.join(folder, 'anonymized.jpg'))).metadata()).toMatchObject({ width: 640 })
  child.kill('SIGINT')
  expect((await once(child, 'close'))[0]).toBe(0)
})

test('a photo that needs more memory than the engine may have ends as INTERNAL_ERROR, and the service goes on', async () => {
  const { child, url } = await serve('narrow', { ENGINE_MAX_MEMORY_MB: '350', TASK_MAX_FAILURES: '2' })
  const client = await signIn(url)
  const large = await sharp(photo).resize(5000).jpeg().toBuffer()
  const all = { person: true, license_plate: true, vehicle: true }
  const status = await client.finished(await client.submit(all, large))
  expect(status).toMatchObject({ task_status: 'failed', failure_cause: 'INTERNAL_ERROR' })
  expect((await client.finished(await client.submit({}, photo.subarray(0, 300)))).failure_cause).toBe('IMAGE_DEFECT')
  child.kill('SIGTERM')
  expect((await once(child, 'close'))[0]).toBe(0)
})

test('after kill -9 and a restart, every accepted task still ends', async () => {
  const first = await serve('killed')
  const client = await signIn(first.url)
  const ids = await Promise.all(Array.from({ length: 5 }, (_, i) => client.submit({}, i === 2 ? photo.subarray(0, 300) : photo)))
  while (
    (await Promise.all(ids.map(id => client.read(`/v2/task/${id}/status`)))).every(({ task_status }) => task_status === 'queued')
  )
    await sleep(20)
  first.child.kill('SIGKILL')
  await once(first.child, 'close')

  const second = await serve('killed')
  const after = await signIn(second.url)
  const ends = await Promise.all(ids.map(id => after.finished(id)))
  expect(ends.map(({ task_status }) => task_status)).toEqual(['done', 'done', 'failed', 'done', 'done'])
  second.child.kill('SIGTERM')
  await once(second.child, 'close')
})
