import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { UserChangedError } from '../api/batch.js'
import { session } from '../api/session.js'

const requests: string[] = []
/** Names of files that were saved. */
const saved: string[] = []
/** What happens while the file of the first image is read. */
let meanwhile = () => {}

vi.hoisted(() => {
  vi.stubGlobal('document', { baseURI: 'http://service.example/', documentElement: {} })
  vi.stubGlobal('navigator', { languages: ['en'] })
  vi.stubGlobal('window', {})
})
document.createElement = (() => ({
  download: '',
  click() {
    saved.push(this.download)
  },
})) as never
vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
  const { pathname } = new URL(address)
  if (pathname.startsWith('/files')) {
    meanwhile()
    return new Response('image', { headers: { 'content-type': 'image/jpeg' } })
  }
  requests.push(`${pathname} ${new Headers(init?.headers).get('authorization')}`)
  if (pathname.endsWith('/metadata')) return Response.json({ detections: [] })
  const id = pathname.split('/').at(-1)
  return Response.json({
    task_id: id,
    task_status: 'done',
    name: `${id}.jpg`,
    anonymized_url: `http://service.example/files/${id}`,
  })
})
afterAll(() => vi.unstubAllGlobals())
afterEach(() => {
  requests.splice(0)
  saved.splice(0)
  meanwhile = () => {}
})

const { zipTasks } = await import('./zip.js')
const signedIn = (username: string) => ({ token: username, username, customer: 'c', isAdmin: false })

test.each([false, true])('a ZIP file that one user began is not finished as another (everything: %s)', async everything => {
  session.value = signedIn('anna')
  meanwhile = () => {
    session.value = signedIn('ben')
  }
  await expect(zipTasks([1, 2], everything, () => {})).rejects.toThrow(UserChangedError)
  expect(requests).toEqual(['/v2/task/1 anna'])
  expect(saved).toEqual([])
})

test('a ZIP file is saved with the images of the user who began it', async () => {
  session.value = signedIn('anna')
  expect(await zipTasks([1, 2], true, () => {})).toEqual([])
  const routes = ['/v2/task/1', '/v2/task/1/metadata', '/v2/task/2', '/v2/task/2/metadata']
  expect(requests).toEqual(routes.map(route => `${route} anna`))
  expect(saved).toEqual(['anonymized.zip'])
})
