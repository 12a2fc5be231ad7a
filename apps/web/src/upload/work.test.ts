import { afterAll, expect, test, vi } from 'vitest'

const sent: string[] = []
/** Answers the request that asks for the task; the first one waits for it. */
let answerTask: (status: string) => void = () => {}

vi.hoisted(() => vi.stubGlobal('document', { baseURI: 'http://service.example/' }))
vi.stubGlobal('fetch', (address: string, { method, headers }: RequestInit) => {
  sent.push(`${method} ${new URL(address).pathname} ${new Headers(headers).get('authorization')}`)
  return new Promise<Response>(resolve => {
    answerTask = task_status => resolve(Response.json({ task_status }))
  })
})
afterAll(() => vi.unstubAllGlobals())

const { session } = await import('../api/session.js')
const { uploads, newUpload } = await import('./queue.js')
const { pause, resume } = await import('./work.js')

const signedIn = (username: string) => ({ token: username, username, customer: 'c', isAdmin: false })

test('no task is created for a file whose user has been replaced while its task was asked for', async () => {
  session.value = signedIn('anna')
  pause()
  const file = new File(['image'], 'of anna.jpg', { type: 'image/jpeg' })
  uploads.value = [{ ...newUpload(file, file.name, {} as never), taskId: 7, uploadUntil: 0, state: 'stopped' }]
  resume()
  await expect.poll(() => sent).toEqual(['GET /v2/task/7 anna'])
  session.value = signedIn('ben')
  answerTask('new')
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(sent).toEqual(['GET /v2/task/7 anna'])
})
