import { customerLogo, MAX_LOGO_BYTES } from '@obscura/shared'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JPEG, type Service, startService } from '../test/service.js'

let service: Service
let token: string
let stranger: string

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
  stranger = (await service.newUser()).token
})
afterAll(() => service.close())

const call = (method: string, body?: Uint8Array, as: string | undefined = token) =>
  fetch(`${service.url}/v2/logo`, { method, body, headers: as ? { authorization: as } : {} })
const shown = async (as = token) => {
  const response = await call('GET', undefined, as)
  return { response, file: Buffer.from(await response.arrayBuffer()) }
}

it('a logo is saved for its customer alone, returned unchanged, and can be deleted', async () => {
  expect((await call('GET')).status).toBe(404)
  expect(await (await call('PUT', JPEG)).json()).toEqual({ bytes: JPEG.length })
  const { response, file } = await shown()
  expect(file).toEqual(JPEG)
  expect([response.headers.get('content-type'), response.headers.get('x-content-type-options')]).toEqual([
    'image/jpeg',
    'nosniff',
  ])
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect((await shown(stranger)).response.status).toBe(404)
  expect((await call('DELETE', undefined, stranger)).status).toBe(200)
  expect((await shown()).file).toEqual(JPEG)
  expect((await call('DELETE')).status).toBe(200)
  expect((await call('GET')).status).toBe(404)
})

it.each([
  ['a page', Buffer.from('<svg onload="alert(1)"/>')],
  ['nothing', new Uint8Array()],
  ['JSON', Buffer.from('{"logo": "x"}')],
])('%s is not a logo', async (_, body) => {
  const response = await call('PUT', body)
  expect([response.status, await response.json()]).toEqual([
    400,
    { status_code: 400, error: 'Could not save the logo. It must be a PNG or JPEG file.' },
  ])
})

it('a logo has at most 1 MiB, and needs a token', async () => {
  const huge = Buffer.concat([JPEG, Buffer.alloc(MAX_LOGO_BYTES)])
  expect((await call('PUT', huge)).status).toBe(413)
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect((await call(method, method === 'PUT' ? JPEG : undefined, '')).status).toBe(401)
})

it('of fifty saved at once, one remains, intact', async () => {
  const files = Array.from({ length: 50 }, (_, i) => Buffer.concat([JPEG, Buffer.alloc(1000, i)]))
  const answers = await Promise.all(files.map(file => call('PUT', file)))
  expect(answers.map(({ status }) => status)).toEqual(files.map(() => 200))
  const { file } = await shown()
  expect(files.some(given => given.equals(file))).toBe(true)
})

it('only tasks with such an area use it', async () => {
  await call('PUT', JPEG)
  const { task_id } = await service.create(token, { areas: [{ nadir: 20, method: 'logo' }] })
  expect(task_id).toEqual(expect.any(Number))
  const flat = { anonymization_method: 'blur', face: true, areas: [{ box: [0, 0, 9, 9], method: 'logo' }] }
  expect((await service.request('POST', '/v2/task', { token, body: flat })).body.error).toMatch(
    /The method of area 0 must be one of blur, pixelate, blacken/,
  )
  const [{ id }] = await service.db.query<{ id: string }>('select id from customers where logo is not null')
  expect(await customerLogo(service.db, id)).toBeInstanceOf(Uint8Array)
})
