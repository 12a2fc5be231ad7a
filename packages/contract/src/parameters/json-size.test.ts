import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAreasBody } from '../areas-body.js'
import { readCreateTask } from '../create-task.js'
import { jsonSize } from './json-size.js'

const list = (count: number, item: (index: number) => string) => `[${Array.from({ length: count }, (_, i) => item(i)).join()}]`
const sizeOf = (json: string) => jsonSize(Buffer.from(json))

/** The same numbers, counted in the value that the JSON stands for. */
function counted(value: unknown): { depth: number; values: number; fields: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 0, fields: 0 }
  const parts = Object.values(value).map(counted)
  const sum = (of: 'values' | 'fields') => parts.reduce((total, part) => total + part[of], 0)
  return {
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
    values: sum('values') + 1 + Math.max(0, parts.length - 1),
    fields: sum('fields') + (Array.isArray(value) ? 0 : 1 + parts.length),
  }
}

describe('the size of JSON', () => {
  it.each([
    ['', { depth: 0, values: 0, fields: 0 }],
    ['"a,b:[{"', { depth: 0, values: 0, fields: 0 }],
    ['[1,[2,3],{}]', { depth: 2, values: 6, fields: 1 }],
    ['{"a\\"[[[":"\\\\","b":{"c":1}}', { depth: 2, values: 3, fields: 5 }],
  ])('%s', (json, size) => {
    expect(sizeOf(json)).toEqual(size)
  })

  it('is that of the value, whatever texts contain', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), value => {
        expect(sizeOf(JSON.stringify(value))).toEqual(counted(value))
      }),
    )
  })
})

describe('a request is parsed only if its size allows it to be parsed quickly', () => {
  const rules = { plainHttpWebhooks: false }
  const task = (ignores: string) => readCreateTask(`{"anonymization_method":"blur","face":true,"ignores":${ignores}}`, rules)
  const ignored = () => '{"topLeftX":1,"topLeftY":2,"width":3,"height":4}'
  const polygon = () => `{"polygon":${list(1000, i => `[${i},1]`)}}`

  it('with ten thousand ignore areas, as values and as text, and fifty large polygons', () => {
    const ignores = list(10_000, ignored)
    expect(JSON.parse(task(ignores).ignores)).toHaveLength(10_000)
    expect(task(JSON.stringify(ignores)).ignores).toBe(ignores)
    expect(readAreasBody(`{"areas":${list(50, polygon)}}`)).toHaveLength(50)
  })

  it.each([
    ['objects', list(60_001, () => '{}'), 'It has more than 60000 objects and keys.'],
    ['keys', `{${list(60_001, i => `"${i}":0`).slice(1, -1)}}`, 'It has more than 60000 objects and keys.'],
    ['values', list(400_001, () => '0'), 'It has more than 400000 values.'],
    ['depth', `${'['.repeat(32)}${']'.repeat(32)}`, 'Its lists and objects are more than 32 deep.'],
  ])('not with too many: %s', (_what, value, cause) => {
    expect(() => task(value)).toThrow(`Could not create task. Request body is not correct. ${cause}`)
    const inText = JSON.stringify(_what === 'depth' ? `[${value}]` : value)
    expect(() => task(inText)).toThrow(`ignores parameter value caused an error. ${cause}`)
  })
})
