import { findTasks, regionsKey, type StoredDetection } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../test/service.js'

let service: Service
let token: string
/** Reads from the store: how many, how many at once at most, and what each waits for. */
let reads = { count: 0, now: 0, most: 0, wait: async () => {} }

beforeAll(async () => {
  service = await startService(given => ({
    ...given,
    store: {
      ...given.store,
      async get(...key) {
        reads.count++
        reads.most = Math.max(reads.most, ++reads.now)
        await reads.wait()
        return given.store.get(...key).finally(() => reads.now--)
      },
    },
  }))
  service.startRendering()
  ;({ token } = await service.newUser())
})
afterAll(() => service.close())

const face: StoredDetection = { class: 'face', score: 0.9, box: [1, 2, 11, 22], anonymised: true }

async function done(parameters = {}): Promise<number> {
  const { task_id, upload_url } = await service.create(token, { face: true, license_plate: true, ...parameters })
  await service.upload(upload_url)
  await service.status(token, task_id)
  await service.complete(task_id, [face, { ...face, box: [20, 10, 30, 20] }], 'jpeg')
  return task_id
}

const ask = (body: unknown, as = token) => service.request('POST', '/v2/export', { token: as, body })
const polygon = [
  [0, 0],
  [8, 0],
  [0, 8],
]

async function correct(id: number, body: unknown): Promise<void> {
  expect((await service.request('POST', `/v2/task/${id}/corrections`, { token, body })).status).toBe(200)
}

async function corrected(): Promise<number> {
  const id = await done()
  await correct(id, { remove: [1], add: [{ class: 'license_plate', polygon }] })
  return id
}

async function approved(): Promise<number> {
  const id = await done({ review: true })
  expect((await service.request('POST', `/v2/task/${id}/approve`, { token })).status).toBe(200)
  return id
}

/** Replaces the file of regions that the engine made. */
async function writeRegions(id: number, content: string): Promise<void> {
  const [task] = await findTasks(service.db, [id])
  await service.store.put(regionsKey(task, task.attempt), Buffer.from(content), 'application/json')
}

describe('POST /v2/export', () => {
  it('returns the corrected regions of many tasks in the format of the benchmarks', async () => {
    const seen = await approved()
    const id = await corrected()
    const { status, body } = await ask({ format: 'bench', task_ids: [seen, id, id] })
    expect(status).toBe(200)
    expect(body.skipped).toEqual([])
    expect(body.images.map(({ task_id }: { task_id: number }) => task_id)).toEqual([seen, id])
    expect(body.labels[1]).toEqual({
      ...{ image: `${id}.jpg`, width: 40, height: 30, source: 'export', labelled: ['face', 'license_plate'], complete: true },
      objects: [
        { type: 'face', bbox: [1, 2, 11, 22] },
        { type: 'license_plate', bbox: [0, 0, 8, 8], polygon },
      ],
    })
    expect(body.labels[0].objects).toHaveLength(2)
  })

  it('returns COCO JSON with categories, images and boxes as left, top, width, height', async () => {
    const id = await corrected()
    const { labels } = (await ask({ format: 'coco', task_ids: [String(id)] })).body
    expect(labels.images).toEqual([{ id, file_name: `${id}.jpg`, width: 40, height: 30 }])
    expect(labels.annotations).toMatchObject([
      { id: 1, image_id: id, bbox: [1, 2, 10, 20], area: 200, iscrowd: 0, segmentation: [] },
      { id: 2, image_id: id, bbox: [0, 0, 8, 8], segmentation: [[0, 0, 8, 0, 0, 8]] },
    ])
    const nameOf = (wanted: number) => labels.categories.find(({ id: known }: { id: number }) => known === wanted).name
    expect(labels.annotations.map((item: { category_id: number }) => nameOf(item.category_id))).toEqual(['face', 'license_plate'])
  })

  it('says why a task is not included, and shows nothing of other customers', async () => {
    const unchecked = await done()
    const { task_id: fresh } = await service.create(token)
    const foreign = await corrected()
    const other = await service.newUser()
    expect((await ask({ format: 'bench', task_ids: [unchecked, fresh] })).body).toMatchObject({
      labels: [],
      skipped: [
        { task_id: unchecked, reason: 'Nobody has approved or corrected it.' },
        { task_id: fresh, reason: 'It is not done.' },
      ],
    })
    expect((await ask({ format: 'bench', task_ids: [foreign] }, other.token)).body).toEqual({
      ...{ format: 'bench', labels: [], images: [] },
      skipped: [{ task_id: foreign, reason: 'There is no such task, or it is deleted.' }],
    })
    expect((await service.request('POST', '/v2/export', { body: {} })).status).toBe(401)
  })

  it('counts a task as checked only when it is approved, or its newest revision corrects objects', async () => {
    const rejected = await done({ review: true })
    await correct(rejected, { remove: [1] })
    const pending = { task_id: rejected, reason: 'It is not approved: its review is pending.' }
    expect((await ask({ format: 'coco', task_ids: [rejected] })).body.skipped).toEqual([pending])
    await service.request('POST', `/v2/task/${rejected}/reject`, { token, body: { reason: 'Look again.' } })

    const [blackened, withArea, reverted, reclassed] = [await done(), await done(), await corrected(), await done()]
    await correct(blackened, { parameters: { anonymization_method: 'blacken' }, change: [{ id: 0, method: 'blacken' }] })
    await correct(withArea, { add: [{ class: 'area', polygon }] })
    await correct(withArea, { remove: [2] })
    await correct(reverted, { revert: 0 })
    await correct(reclassed, { change: [{ id: 0, class: 'license_plate' }] })
    const unchecked = [blackened, withArea, reverted]
    const { body } = await ask({ format: 'bench', task_ids: [rejected, ...unchecked, reclassed] })
    expect(body.images.map(({ task_id }: { task_id: number }) => task_id)).toEqual([reclassed])
    expect(body.skipped).toEqual([
      { task_id: rejected, reason: 'It is not approved: its review is rejected.' },
      ...unchecked.map(task_id => ({ task_id, reason: 'Nobody has approved or corrected it.' })),
    ])
  })

  it('skips a task whose file of regions is invalid, and exports the others', async () => {
    const [bad, good] = [await approved(), await approved()]
    for (const content of ['not JSON', '{}', '[{"id": 7}]']) {
      await writeRegions(bad, content)
      const { status, body } = await ask({ format: 'coco', task_ids: [bad, good] })
      expect(status).toBe(200)
      expect(body.images).toMatchObject([{ task_id: good }])
      expect(body.skipped).toEqual([{ task_id: bad, reason: 'Its file of regions is invalid: create a new task.' }])
    }
  })

  it('holds a limited number of regions, and names the tasks that do not fit', async () => {
    const [first, second, small] = [await approved(), await approved(), await approved()]
    const box = [1.123456789012345, 2.123456789012345, 11.12345678901234, 22.12345678901234]
    const fields = { class: 'face', score: 0.5, box, source: 'detector', shape: 'rectangle' }
    const crowd = JSON.stringify(Array.from({ length: 48_000 }, (_, id) => ({ id, ...fields })))
    for (const id of [first, second]) await writeRegions(id, crowd)
    const { body } = await ask({ format: 'bench', task_ids: [first, second, small] })
    expect(body.labels.map(({ objects }: { objects: object[] }) => objects.length)).toEqual([48_000, 2])
    const reason = 'Its regions do not fit into this response: export it in another request.'
    expect(body.skipped).toEqual([{ task_id: second, reason }])
    expect((await ask({ format: 'bench', task_ids: [second] })).body.skipped).toEqual([])
  })

  it('reads one file of regions at a time, in turn with those who look at a task', async () => {
    const ids = [await approved(), await approved()]
    reads = { ...reads, most: 0 }
    const look = () => service.request('GET', `/v2/task/${ids[0]}/detections`, { token })
    const exports = Array.from({ length: 8 }, () => ask({ format: 'coco', task_ids: ids }))
    const responses = await Promise.all([...exports, ...Array.from({ length: 8 }, look)])
    expect(responses.map(({ status }) => status)).toEqual(Array(16).fill(200))
    expect(reads.most).toBe(1)
  })

  it('reads nothing more when the client has left', async () => {
    const ids = [await approved(), await approved(), await approved()]
    const client = new AbortController()
    const left = new Promise<void>(resolve =>
      service.app.server.once('request', (_request, response) => response.once('close', resolve)),
    )
    const leave = () => {
      client.abort()
      return left
    }
    reads = { ...reads, count: 0, wait: leave }
    const body = JSON.stringify({ format: 'coco', task_ids: ids })
    const headers = { authorization: token }
    const given = fetch(`${service.url}/v2/export`, { method: 'POST', body, headers, signal: client.signal })
    await expect(given).rejects.toThrow('aborted')
    await left
    reads.wait = async () => {}
    for (let i = 0; i < 4; i++) await service.request('GET', `/v2/task/${ids[0]}/detections`, { token })
    expect(reads.count).toBe(1 + 4)
  })

  it.each([
    [''],
    ['[]'],
    [{ format: 'yolo', task_ids: [1] }],
    [{ format: 'coco', task_ids: [] }],
    [{ format: 'coco', task_ids: ['x'] }],
    [{ format: 'coco', task_ids: [[1]] }],
    [{ format: 'coco', task_ids: Array.from({ length: 501 }, (_, i) => i + 1) }],
  ])('refuses %j', async body => {
    expect(await ask(body)).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('Could not export. The body must be') },
    })
  })
})
