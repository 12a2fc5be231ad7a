import { afterAll, beforeEach, expect, test, vi } from 'vitest'

/** What the browser's tab stores. */
const stored = new Map<string, string>()
const requests: string[] = []
const questions: string[] = []
let reply = true

vi.stubGlobal('document', { baseURI: 'http://service.example/', documentElement: {} })
vi.stubGlobal('navigator', { languages: ['en'] })
vi.stubGlobal('sessionStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
})
vi.stubGlobal('confirm', (question: string) => {
  questions.push(question)
  return reply
})
vi.stubGlobal('fetch', async (address: string, { method }: RequestInit) => {
  requests.push(`${method} ${new URL(address).pathname}`)
  return new Response(null, { status: 204 })
})
afterAll(() => vi.unstubAllGlobals())

const { session } = await import('../api/session.js')
const { draftOf, hasDrafts, setDraft } = await import('../correct/drafts.js')
const { NO_DRAFT, NO_HISTORY } = await import('../correct/draft.js')
const { leave } = await import('./leave.js')

beforeEach(() => {
  requests.splice(0)
  questions.splice(0)
  session.value = { token: 'anna', username: 'anna', customer: 'c', isAdmin: false }
})

const draw = () => setDraft('7', { ...NO_HISTORY, now: { ...NO_DRAFT, remove: [1] } })

test('signing out removes the drafts of corrections, after a question', async () => {
  reply = true
  draw()
  expect([...stored.values()].join()).toContain('"remove":[1]')
  await leave()
  expect(questions).toEqual(['There are unsaved changes to images. Sign out and discard them?'])
  expect(stored.size).toBe(0)
  expect(draftOf('7')).toEqual(NO_HISTORY)
  expect(requests).toEqual(['DELETE /session'])
  expect(session.value).toBeNull()
})

test('a user who wants to keep the drafts stays signed in', async () => {
  reply = false
  draw()
  await leave()
  expect(hasDrafts()).toBe(true)
  expect([...stored.values()].join()).toContain('"remove":[1]')
  expect(requests).toEqual([])
  expect(session.value?.username).toBe('anna')
})

test('drafts outlive a session that has expired, but not another user', () => {
  draw()
  session.value = null
  expect(hasDrafts()).toBe(true)
  session.value = { token: 'ben', username: 'ben', customer: 'c', isAdmin: false }
  expect(hasDrafts()).toBe(false)
  expect(stored.size).toBe(0)
})

test('signing out in another tab signs out here, and leaves nothing', async () => {
  const otherTab = new BroadcastChannel('obscura-leave /')
  draw()
  otherTab.postMessage('ben')
  otherTab.postMessage('anna')
  await vi.waitFor(() => expect(session.value).toBeNull())
  expect(stored.size).toBe(0)
  // The other tab has ended the session, and has asked.
  expect([questions, requests]).toEqual([[], []])
  otherTab.close()
})

test('other tabs are told who signs out, and only once the user is sure', async () => {
  const otherTab = new BroadcastChannel('obscura-leave /')
  const told: unknown[] = []
  otherTab.addEventListener('message', ({ data }) => told.push(data))
  draw()
  reply = false
  await leave()
  reply = true
  await leave()
  await vi.waitFor(() => expect(told).toEqual(['anna']))
  otherTab.close()
})

test('without drafts nothing is asked', async () => {
  await leave()
  expect(questions).toEqual([])
  expect(requests).toEqual(['DELETE /session'])
})
