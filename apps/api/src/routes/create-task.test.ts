import { createTime, readCreateTask } from '@obscura/shared'
import fc from 'fast-check'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CreatedResponse } from '../schemas.js'
import { type Service, startService } from '../test/service.js'

let service: Service
let token: string
const minimal = { anonymization_method: 'blur', face: true }

beforeAll(async () => {
  service = await startService()
  token = (await service.newUser()).token
})
afterAll(() => service.close())

const post = (body: unknown, headers?: Record<string, string>, path = '/v2/task') =>
  service.request('POST', path, { token, body, headers })

describe('POST /v2/task', () => {
  it('answers 200 and echoes all parameters, numbers as numbers', async () => {
    const { status, body } = await post(minimal)
    expect(status).toBe(200)
    expect(body).toEqual({
      customer_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      task_id: expect.any(Number),
      create_time: createTime(body.task_id),
      delete_time: null,
      ...readCreateTask(JSON.stringify(minimal), { plainHttpWebhooks: false }),
      // Old clients see nothing of a profile unless they choose one.
      profile: undefined,
      extraction_types: null,
      task_status: 'new',
      webhook_status: 'empty',
      upload_url: expect.stringMatching(/^https?:\/\//),
      upload_url_expiration_duration: 3600,
    })
    expect(Value.Check(CreatedResponse, body)).toBe(true)
  })

  it('numbers tasks by the microsecond of their creation, which a JSON number holds', async () => {
    const before = Date.now() * 1000
    const { task_id } = (await post(minimal)).body
    expect(String(task_id)).toMatch(/^\d{16}$/)
    expect(Number.isSafeInteger(task_id)).toBe(true)
    expect(Math.abs(task_id - before)).toBeLessThan(60_000_000)
  })

  it('gives every task a unique ID, even when many are created at once', async () => {
    const responses = await Promise.all(Array.from({ length: 60 }, () => post(minimal)))
    expect(new Set(responses.map(({ body }) => body.task_id)).size).toBe(60)
  })

  it.each([
    ['no Content-Type', undefined],
    ['plain text', 'text/plain;charset=UTF-8'],
    ['JSON', 'application/json'],
    ['JSON with a charset', 'application/json; charset=utf-8'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['multipart', 'multipart/form-data; boundary=x'],
    ['an invalid type', 'json'],
  ])('reads a body declared as %s', async (_what, type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    expect((await post(JSON.stringify(minimal), headers)).status).toBe(200)
  })

  it('answers at the path with a trailing slash as well, without a redirect', async () => {
    expect((await post(minimal, {}, '/v2/task/')).status).toBe(200)
  })

  it("takes the ArcGIS toolbox's body, which mixes hyphens and underscores, and answers with underscores", async () => {
    const body = { anonymization_method: 'pixelate', face: true, 'license-plate': true, person: false, 'mask-scale': 50 }
    expect((await post(body)).body).toMatchObject({ license_plate: true, person: false, mask_scale: 50 })
  })

  it('echoes a webhook unchanged, and reports that it is set', async () => {
    const webhook = 'https://example.com/webhook/dev?param=test&b=%20'
    expect((await post({ ...minimal, webhook })).body).toMatchObject({ webhook, webhook_status: 'set' })
  })

  it('echoes areas and grids as text', async () => {
    const ignores = [{ topLeftX: 182, topLeftY: 154, width: 2000, height: 2000 }]
    const format = { number: [2, 2], overlap: [0, 0] }
    expect((await post({ ...minimal, ignores, format })).body).toMatchObject({
      ignores: JSON.stringify(ignores),
      format: JSON.stringify(format),
    })
  })

  it.each([
    [
      '{"anonymization_method": "blur", "face": true, "colour": 1}',
      'colour parameter caused an error. This parameter does not exist.',
    ],
    ['{"anonymization-method": "smear", "face": true}', 'anonymization-method parameter received an unexpected value.'],
    [
      '{"anonymization_method": "blur", "face": true, "mask-scale": 101}',
      'mask-scale parameter value caused an error. It must be between 0 and 100.',
    ],
    ['{"face": true}', 'Request body is not correct. anonymization_method is required.'],
    ['{', 'Request body is not correct. It is not valid JSON.'],
    ['[]', 'Request body is not correct. It is not a JSON object.'],
    ['', 'Please add a JSON body.'],
  ])('refuses %s', async (body, sentence) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(response.body).toEqual({ status_code: 400, error: `Could not create task. ${sentence}` })
  })

  it('refuses a body larger than a megabyte', async () => {
    expect((await post(' '.repeat(1_100_000))).status).toBe(413)
  })

  it('answers any body with a task or a documented sentence', async () => {
    const { app } = service
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('blur', true, 0.5, '0.5', '[]', 'https://example.com'))
    const key = fc.constantFrom('name', 'webhook', 'format', 'ignores', 'quality', 'face-threshold', 'start_on', 'x')
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json({ stringUnit: 'binary' }),
      fc.dictionary(key, value).map(extra => JSON.stringify({ ...minimal, ...extra })),
    )
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('application/json', 'text/plain', 'x'), async (payload, type) => {
        const headers = { authorization: token, 'content-type': type }
        const response = await app.inject({ method: 'POST', url: '/v2/task', payload, headers })
        if (response.statusCode === 200) expect(Value.Check(CreatedResponse, response.json())).toBe(true)
        else expect(response.json()).toEqual({ status_code: 400, error: expect.stringMatching(/^Could not create task\. /) })
      }),
      { numRuns: 150 },
    )
  })
})

it('refuses a body that is not UTF-8 with that reason, also when signing in', async () => {
  const body = Buffer.from('{"name": "Süd", "username": "Jörg", "password": "x"}', 'latin1')
  const created = await service.request('POST', '/v2/task', { token, body })
  const error = 'Could not create task. Request body is not correct. It is not UTF-8 text.'
  expect(created).toMatchObject({ status: 400, body: { status_code: 400, error } })
  const signedIn = await service.request('POST', '/v2/signin', { body })
  const message = 'Request body is not correct. It is not UTF-8 text.'
  expect(signedIn).toMatchObject({ status: 400, body: { code: 'InvalidParameterException', message } })
})
