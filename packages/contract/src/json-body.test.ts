/** Bodies of POST /v2/task as bytes and as JSON, before their parameters are read. */
import { describe, expect, it } from 'vitest'
import { readCreateTask } from './create-task.js'
import { ContractError } from './errors.js'

const rules = { plainHttpWebhooks: false }
const minimal = { anonymization_method: 'blur', face: true }

function read(body: unknown) {
  return readCreateTask(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body), rules)
}

function sentence(body: unknown): string {
  try {
    read(body)
  } catch (error) {
    expect(error).toBeInstanceOf(ContractError)
    return (error as ContractError).message
  }
  return 'accepted'
}

describe('bodies as bytes', () => {
  const text = JSON.stringify({ ...minimal, name: 'Zufahrt Süd' })
  const name = (body: Uint8Array) => readCreateTask(body, rules).name
  const utf16 = Buffer.from(text, 'utf16le')
  const notText = 'Could not create task. Request body is not correct. It is not UTF-8 text.'

  it('are UTF-8, with or without a byte order mark', () => {
    expect(name(Buffer.from(text))).toBe('Zufahrt Süd')
    expect(name(Buffer.from(`\uFEFF${text}`))).toBe('Zufahrt Süd')
  })

  it.each([
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['UTF-16', utf16],
    ['UTF-16 with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
    ['UTF-16, big end first', Buffer.from(utf16).swap16()],
    ['UTF-8 with half a character at its end', Buffer.from('{"name": "ü').subarray(0, -1)],
    ['a bare NUL', Buffer.from('{"face": true}\0')],
  ])('in %s are refused for that reason', (_what, body) => {
    expect(sentence(body)).toBe(notText)
  })
})

describe('hostile JSON', () => {
  const unexpected = (parameter: string) => `Could not create task. ${parameter} parameter received an unexpected value.`
  const unknown = (parameter: string) =>
    `Could not create task. ${parameter} parameter caused an error. This parameter does not exist.`

  it.each([
    ['__proto__', '{"__proto__": {"face": true}, "anonymization_method": "blur"}', unknown('__proto__')],
    ['constructor', '{"constructor": {"prototype": {}}}', unknown('constructor')],
    ['a number without end', '{"quality": 1e999}', unexpected('quality')],
    ['a number in 100,000 digits', `{"quality": "${'1'.repeat(100_000)}x"}`, unexpected('quality')],
    ['an escaped NUL', '{"name": "a\\u0000b"}', unexpected('name')],
    ['half a surrogate pair', '{"name": "\\ud800"}', unexpected('name')],
    ['a grid of great length', JSON.stringify({ format: `{${' '.repeat(100_000)}}` }), unexpected('format')],
    [
      '500,000 open brackets',
      `{"ignores": ${'['.repeat(500_000)}`,
      'Could not create task. Request body is not correct. Its lists and objects are more than 32 deep.',
    ],
  ])('%s has a documented response', (_what, body, response) => {
    const begin = Date.now()
    expect(sentence(body)).toBe(response)
    expect(Date.now() - begin).toBeLessThan(2000)
  })

  it('with a key twice counts with the last value', () => {
    expect(read('{"anonymization_method": "blur", "face": false, "face": true}')).toMatchObject({ face: true })
  })
})
