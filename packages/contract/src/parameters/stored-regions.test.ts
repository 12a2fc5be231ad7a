import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoredRegion } from './regions.js'
import { MAX_REGIONS_BYTES, RegionsError, readRegions } from './stored-regions.js'

const SIZE = { width: 100, height: 50 }
const face: StoredRegion = {
  ...{ id: 0, class: 'face', score: 0.9, box: [1.5, 2, 30, 40], source: 'detector', shape: 'superellipse' },
  mask: { top: 2, rows: [[1, 5], [], [2, 4, 4, 9]] },
}
const views: StoredRegion[] = [
  { ...face, id: 1, class: 'vehicle', shape: 'outline', view: { box: [-5, -5, 9, 9], left: 40 } },
  { ...face, id: 2, view: { box: [0, 0, 9, 9], camera: { yaw: 1, pitch: -0.7, focal: 13, centre: [3, 4] } } },
]
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const read = (value: unknown) => readRegions(bytes(value), SIZE)

describe('a file of regions', () => {
  it('comes back as it was written, without what does not belong there', () => {
    expect(read([face, ...views])).toEqual([face, ...views])
    expect(read('[]')).toEqual([])
    const odd = read(`[${JSON.stringify({ ...face, method: 'blacken', polygon: [] }).replace('{', '{"__proto__":{"id":7},')}]`)
    expect(odd).toEqual([face])
    expect(Object.getPrototypeOf(odd[0])).toBe(Object.prototype)
  })

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['what is not JSON', '[{'],
    ['no list', face],
    ['null', [null]],
    ['a list in the place of a region', [[]]],
    ['an ID that is not its place', [views[0]]],
    ['a class that does not exist', [{ ...face, class: '__proto__' }]],
    ['a region that a user has drawn', [{ ...face, source: 'user' }]],
    ['a shape that does not exist', [{ ...face, shape: 'polygon' }]],
    ['a score above one', [{ ...face, score: 2 }]],
    ['a score that is text', [{ ...face, score: '<b>' }]],
    ['a box of three numbers', [{ ...face, box: [1, 2, 3] }]],
    ['a number beyond any image', [{ ...face, box: [0, 0, 1e300, 1] }]],
    ['a number that overflows', JSON.stringify([face]).replace('0.9', '1e999')],
    ['a mask below the image', [{ ...face, mask: { top: 49, rows: [[], []] } }]],
    ['a mask beside the image', [{ ...face, mask: { top: 0, rows: [[0, 101]] } }]],
    ['runs that go back', [{ ...face, mask: { top: 0, rows: [[5, 9, 3, 4]] } }]],
    ['half a run', [{ ...face, mask: { top: 0, rows: [[5]] } }]],
    ['rows that are not lists', [{ ...face, mask: { top: 0, rows: { length: 1e9 } } }]],
    ['a view without a camera', [{ ...face, view: { box: [0, 0, 1, 1] } }]],
    ['a camera without a focal length', [{ ...face, view: { box: [0, 0, 1, 1], camera: { yaw: 1, pitch: 1, centre: [0, 0] } } }]],
    ['bytes that are not UTF-8', Buffer.from('5b22ff225d', 'hex').toString('latin1')],
  ])('with %s is refused', (_, value) => {
    expect(() => read(value)).toThrow(RegionsError)
  })

  it.each([
    ['blanks', ' '],
    ['openings', '['],
    ['empty lists', '[],'],
    ['empty objects', '{},'],
    ['numbers', '1.5,'],
    ['digits', '1'],
  ])('is refused soon when it is full of %s', (_, part) => {
    const files = [MAX_REGIONS_BYTES - 8, 4 * MAX_REGIONS_BYTES].map(length => bytes(`[${part.repeat(length / part.length)}1]`))
    const start = process.cpuUsage()
    for (const file of files) expect(() => readRegions(file, SIZE)).toThrow(RegionsError)
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(2000)
  })

  it('is read or refused with one kind of error, whatever it holds', () => {
    const key = fc.constantFrom('id', 'class', 'score', 'box', 'source', 'shape', 'mask', 'top', 'rows', 'view', 'camera')
    const part = fc.letrec(tie => ({
      value: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(0), fc.array(tie('value')), fc.dictionary(key, tie('value'))),
    })).value
    fc.assert(
      fc.property(fc.dictionary(key, part), changes => {
        try {
          read([{ ...face, ...changes }])
        } catch (error) {
          expect(error).toBeInstanceOf(RegionsError)
        }
      }),
    )
  })
})
