// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { after, all, button, enter, press, show, textOf } from '../test/shown.js'
import { Customers } from './customers.js'

const requests: string[] = []
vi.stubGlobal('fetch', async (address: string, { method, body }: RequestInit) => {
  requests.push([method, new URL(address, 'http://service.example/').pathname, body].join(' '))
  return new Response(null, { status: 204 })
})
const confirmed = vi.fn((_question: string) => true)
vi.stubGlobal('confirm', confirmed)
afterEach(() => {
  requests.splice(0)
  confirmed.mockReset().mockReturnValue(true)
})

const change = (work: () => Promise<unknown>) =>
  work().then(
    () => true,
    () => false,
  )
const customers = (days: number | null, serviceDays = 90) => {
  const linz = { customer: 'Linz', customer_id: '3', users: 1, tasks: 2, retention_days: days }
  return show(<Customers customers={[linz]} {...{ serviceDays, change }} />)
}
const kept = () => textOf(document.querySelector('li'))
const closed = () => vi.waitFor(() => expect(all('form')).toEqual([]))
const set = async (days: string) => {
  await after(() => button('Change retention').click())
  await enter('[name=days]', days)
  await press('Save retention')
}

test.each([
  [null, 90, 'Retention: 90 days'],
  [7, 90, 'Retention: 7 days'],
  [1, 0, 'Retention: 1 day'],
  [null, 0, 'Retention: until somebody deletes them'],
  [90, 30, 'Retention: 30 days'],
])('a customer with %s of %i days', async (days, serviceDays, words) => {
  await customers(days, serviceDays)
  expect(kept()).toContain(words)
})

test('a shorter retention deletes files: it is set after a question', async () => {
  await customers(null)
  await set('7')
  expect(confirmed.mock.calls).toEqual([[expect.stringMatching(/Linz\? New: 7 days; until now: 90 days\..*for good/)]])
  expect(requests).toEqual(['PUT /v2/admin/customers/3/retention {"days":7}'])
  await closed()
})

test('a question that is denied changes nothing, and leaves the form open', async () => {
  confirmed.mockReturnValue(false)
  await customers(null)
  await set('7')
  expect(requests).toEqual([])
  expect(all('form')).toHaveLength(1)
})

test('a longer retention, or that of the service, is set without a question', async () => {
  await customers(7)
  await set('30')
  await closed()
  await set('')
  await closed()
  expect(requests).toEqual([30, null].map(days => `PUT /v2/admin/customers/3/retention {"days":${days}}`))
  expect(confirmed).not.toHaveBeenCalled()
})

test('a service that keeps all files counts as the longest retention', async () => {
  await customers(3, 0)
  await set('')
  await closed()
  expect(confirmed).not.toHaveBeenCalled()
  await customers(null, 0)
  await set('36500')
  expect(confirmed.mock.calls).toEqual([[expect.stringContaining('until now: until somebody deletes them')]])
})

test('days are at most those of the service', async () => {
  await customers(null)
  await press('Change retention')
  expect(document.querySelector('[name=days]')).toMatchObject({ min: '1', max: '90' })
})

test('only a customer without users and tasks can be removed', async () => {
  await customers(null)
  expect(all('.danger')).toEqual([])
  await show(
    <Customers
      customers={[{ customer: 'Graz', customer_id: '4', users: 0, tasks: 0, retention_days: null }]}
      serviceDays={90}
      change={change}
    />,
  )
  await press('Remove Graz')
  expect(requests).toEqual(['DELETE /v2/admin/customers/4 '])
})
