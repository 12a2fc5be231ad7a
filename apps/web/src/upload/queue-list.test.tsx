// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://service.example/" }
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { after, all, button, press, show, textOf } from '../test/shown.js'
import { isPaused, UNREACHED, type Upload, uploads } from './queue.js'
import { QueueList } from './queue-list.js'

const requests: string[] = []
const revoked: string[] = []

/** Everything is in view. */
class SeenAtOnce {
  constructor(private readonly report: (entries: { isIntersecting: boolean }[]) => void) {}
  observe = () => this.report([{ isIntersecting: true }])
  disconnect = () => {}
}
vi.stubGlobal('IntersectionObserver', SeenAtOnce)
vi.stubGlobal('fetch', async (address: string) => {
  requests.push(new URL(address).pathname)
  return new Response('image')
})
vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:preview')
vi.spyOn(URL, 'revokeObjectURL').mockImplementation(url => revoked.push(url))
afterAll(() => vi.unstubAllGlobals())

const upload = (path: string, change: Partial<Upload> = {}): Upload => ({
  ...{ key: path, path, size: 1, modified: 0, isKept: false, parameters: {}, state: 'waiting', progress: 0 },
  ...change,
})
const rows = () => all('.queue li').map(textOf)

beforeEach(() => {
  requests.splice(0)
  revoked.splice(0)
  isPaused.value = false
})

test('what is not finished comes first, with its state, and failures say what to do', async () => {
  uploads.value = [
    upload('done.jpg', { state: 'done', taskId: 1 }),
    upload('waiting.jpg'),
    upload('broken.jpg', { state: 'failed', problem: 'IMAGE_DEFECT' }),
    upload('refused.jpg', { state: 'failed', problem: 'The disk of the service is full.' }),
  ]
  await show(<QueueList />)
  expect(rows()).toEqual([
    'waiting.jpgwaiting',
    expect.stringMatching(/^broken.jpgfailed.*damaged.*Export it again/),
    'refused.jpgfailedThe disk of the service is full.',
    'done.jpgdone',
  ])
  expect(textOf(document.querySelector('[aria-live]'))).toBe('1 of 4 done, 2 failed')
  expect(document.querySelector('progress')).toMatchObject({ value: 3, max: 4 })
})

test('of failed files, only those are sent again that may be taken then', async () => {
  uploads.value = [upload('text.txt', { state: 'failed', problem: 'CONTENT_TYPE_ERROR' })]
  await show(<QueueList />)
  expect(() => button('Retry failed')).toThrow()
  await after(() => {
    uploads.value = [...uploads.value, upload('broken.jpg', { state: 'failed', problem: 'IMAGE_DEFECT' })]
  })
  await press('Retry failed')
  expect(rows()[0]).toMatch(/^text.txtfailed/)
  expect(rows()[1]).not.toMatch(/failed/)
})

test('of very many files the first are listed, and how many more there are', async () => {
  uploads.value = Array.from({ length: 203 }, (_, i) => upload(`${i}.jpg`))
  await show(<QueueList />)
  expect(rows()).toHaveLength(200)
  expect(textOf(document.querySelector('.queue'))).toMatch(/and 3 more$/)
})

test('a file in review is neither done nor shown small, but can be looked at', async () => {
  uploads.value = [upload('held.jpg', { state: 'review', taskId: 5 }), upload('no.jpg', { state: 'rejected', taskId: 6 })]
  await show(<QueueList />)
  expect(rows()).toEqual(['held.jpgwaiting for review', 'no.jpgrejected in review'])
  expect(textOf(document.querySelector('[aria-live]'))).toBe('0 of 2 done, 1 waiting for review')
  expect(all('.queue a').map(link => link.getAttribute('href'))).toEqual(['#/image/5', '#/image/6'])
  expect(requests).toEqual([])
})

test('a done file has a preview, whose memory is freed with the row', async () => {
  uploads.value = [upload('photo.jpg', { state: 'processing', taskId: 7 })]
  await show(<QueueList />)
  expect([all('.queue a'), requests]).toEqual([[], []])
  await after(() => {
    uploads.value = [upload('photo.jpg', { state: 'done', taskId: 7 })]
  })
  await vi.waitFor(() => expect(document.querySelector('.preview img')?.getAttribute('src')).toBe('blob:preview'))
  expect(requests).toEqual(['/v2/task/7/preview'])
  await press('Clear finished')
  expect([rows(), revoked]).toEqual([[], ['blob:preview']])
})

test('can be paused, continued, and cleared of finished files', async () => {
  uploads.value = [
    upload('waiting.jpg', { state: 'uploading' }),
    ...(['done', 'failed', 'review', 'rejected'] as const).map(state => upload(state, { state, taskId: 1 })),
  ]
  await show(<QueueList />)
  await press('Pause')
  expect(isPaused.value).toBe(true)
  expect(() => button('Pause')).toThrow()
  await press('Clear finished')
  expect(uploads.value.map(({ path }) => path)).toEqual(['waiting.jpg'])
})

test('says once that the service cannot be reached, not beside each file', async () => {
  const away = { state: 'stopped', problem: UNREACHED } as const
  uploads.value = [upload('a.jpg', away), upload('b.jpg', away), upload('c.jpg')]
  await show(<QueueList />)
  expect(rows()).toEqual(['a.jpgpaused', 'b.jpgpaused', 'c.jpgwaiting'])
  expect(all('.queue > [role=status]').map(textOf)).toEqual([expect.stringMatching(/^The server cannot be reached/)])
})

test('names of files are text', async () => {
  uploads.value = [upload('<img src=x onerror=alert(1)>.jpg', { state: 'failed', problem: '<b>no</b>' })]
  await show(<QueueList />)
  expect(all('.queue img, .queue b')).toEqual([])
  expect(rows()).toEqual(['<img src=x onerror=alert(1)>.jpgfailed<b>no</b>'])
})
