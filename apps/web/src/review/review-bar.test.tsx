// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://service.example/" }
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import type { Review } from '../api/corrections.js'
import { all, button, enter, press, show, textOf } from '../test/shown.js'
import { ReviewBar } from './review-bar.js'

const requests: string[] = []
let status = 200
vi.stubGlobal('fetch', async (address: string, { method, headers, body }: RequestInit) => {
  requests.push([method, new URL(address).pathname, new Headers(headers).get('if-match'), body].filter(Boolean).join(' '))
  return Response.json({ error: 'Another user must approve it.' }, { status })
})
afterAll(() => vi.unstubAllGlobals())
beforeEach(() => {
  requests.splice(0)
  onDecided.mockClear()
  status = 200
})

const onDecided = vi.fn()
const review: Review = { review_status: 'pending', reviewer: null, reason: null, revision: 3, rendered_revision: 3 }
const bar = (change: Partial<Review> = {}, isDirty = false) =>
  show(<ReviewBar id="7" review={{ ...review, ...change }} revision={3} {...{ isDirty, onDecided }} />)
const problem = () => textOf(document.querySelector('[role=alert]'))

test('approves the revision that is shown, once', async () => {
  await bar()
  await press('Approve')
  await press('Approve')
  await vi.waitFor(() => expect(onDecided).toHaveBeenCalledOnce())
  expect(requests).toEqual(['POST /v2/task/7/approve "3"'])
})

test('approves by a key, but not what is drawn and not saved', async () => {
  await bar({}, true)
  await press('Approve')
  expect([problem(), requests]).toEqual(['There are unsaved changes. Save or undo them first.', []])
  await bar()
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true, cancelable: true }))
  await vi.waitFor(() => expect(requests).toEqual(['POST /v2/task/7/approve "3"']))
})

test('says why the service refuses, and lets the reviewer try again', async () => {
  status = 403
  await bar()
  await press('Approve')
  await vi.waitFor(() => expect(problem()).toBe('Another user must approve it.'))
  expect(onDecided).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(button('Approve').disabled).toBe(false))
})

test('rejects with a reason, not with spaces', async () => {
  await bar()
  await press('Reject')
  const submit = () => document.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }))
  await enter('[name=reason]', '   ')
  submit()
  expect(requests).toEqual([])
  await enter('[name=reason]', ' A face is left. ')
  submit()
  await vi.waitFor(() => expect(requests).toEqual(['POST /v2/task/7/reject "3" {"reason":"A face is left."}']))
})

test('shows who decided and why, as text', async () => {
  await bar({ review_status: 'rejected', reviewer: '<i>eve</i>', reason: '<img src=x>' })
  expect(all('.review i, .review img')).toEqual([])
  expect([textOf(document.querySelector('.badge')), textOf(document.querySelector('q'))]).toEqual(['rejected', '<img src=x>'])
  await bar({ review_status: 'approved' })
  expect(button('Approve').disabled).toBe(true)
})
