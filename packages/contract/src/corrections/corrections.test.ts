import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContractError } from '../errors.js'
import type { StoredRegion } from '../parameters/regions.js'
import { readCorrection } from './correction.js'
import { addCorrection, editedRegions, noEdits } from './edits.js'

const SIZE = { width: 100, height: 50 }
const read = (body: unknown) => readCorrection(JSON.stringify(body), SIZE, { plainHttpWebhooks: false })

const refused = (body: unknown) => {
  try {
    readCorrection(typeof body === 'string' ? body : JSON.stringify(body), SIZE, { plainHttpWebhooks: false })
  } catch (error) {
    if (error instanceof ContractError) return error.message
    throw error
  }
  return undefined
}

const detected: StoredRegion[] = [0, 1, 2].map(id => ({
  id,
  class: 'face',
  score: 0.9,
  box: [id, 0, id + 1, 1],
  source: 'detector',
  shape: 'superellipse',
  mask: { top: 0, rows: [[id, id + 1]] },
}))

describe('the body of a correction', () => {
  it('may add boxes, polygons and masks, remove and change regions, and change parameters', () => {
    const mask = { top: 10, rows: [[5, 9], [], [2, 4, 20, 30]] }
    const polygon = [
      [1, 2],
      [30, 2],
      [1, 40],
    ]
    const correction = read({
      remove: [1],
      add: [
        { class: 'face', box: [1, 2, 3, 4] },
        { class: 'area', polygon, method: 'blacken' },
        { class: 'person', mask },
      ],
      change: [{ id: 2, class: 'person', method: null }],
      parameters: { 'anonymization-method': 'pixelate', quality: '80' },
    })
    expect(correction).toEqual({
      remove: [1],
      add: [
        { class: 'face', score: 1, source: 'user', shape: 'rectangle', box: [1, 2, 3, 4] },
        { class: 'area', score: 1, source: 'user', shape: 'outline', box: [1, 2, 30, 40], polygon, method: 'blacken' },
        { class: 'person', score: 1, source: 'user', shape: 'outline', box: [2, 10, 30, 13], mask },
      ],
      change: [{ id: 2, class: 'person', method: null }],
      parameters: { anonymization_method: 'pixelate', quality: 80 },
      revert: undefined,
    })
  })

  it.each<[unknown, RegExp]>([
    ['', /Please add a JSON body/],
    ['[', /not valid JSON/],
    [{}, /must have some of remove, add, change, parameters, revert/],
    [{ remvoe: [1] }, /and nothing else/],
    [{ remove: 1 }, /remove must be a list/],
    [{ remove: ['1'] }, /ID of a region must be a whole number/],
    [{ remove: new Array(10_001).fill(1) }, /at most 10000/],
    [{ add: [null] }, /must be objects/],
    [{ add: [{ class: 'face' }] }, /Region 0 must have a class, exactly one of box, polygon and mask/],
    [{ add: [{ class: 'face', box: [0, 0, 1, 1], note: 'x' }] }, /Region 0 must have/],
    [{ add: [{ class: '__proto__', box: [0, 0, 1, 1] }] }, /class of a region must be one of face, person/],
    [{ add: [{ class: 'face', box: [90, 0, 101, 1] }] }, /Region 0 must lie inside the image of 100 x 50 pixels/],
    [{ add: [{ class: 'face', box: [0, 0, 1, 1], method: 'detect' }] }, /method of a region must be one of blur/],
    [
      {
        add: [
          {
            class: 'face',
            mask: {
              top: 49,
              rows: [
                [0, 1],
                [0, 1],
              ],
            },
          },
        ],
      },
      /must have a mask/,
    ],
    [{ change: [{ id: 1 }] }, /must have an id and a class or a method/],
    [{ parameters: { face_threshold: 0.1 } }, /face_threshold cannot be changed without detecting again/],
    [{ parameters: { webhook: 'https://example.com' } }, /webhook cannot be changed/],
    [{ parameters: { quality: 101 } }, /between 0 and 100/],
    [{ parameters: { ignores: '[{' } }, /not valid JSON/],
    [{ revert: 1, remove: [] }, /nothing else can be changed with it/],
    [{ revert: -1 }, /revert must be the number/],
  ])('%j is refused with a sentence', (body, sentence) => {
    expect(refused(body)).toMatch(/^Could not correct the task\. /)
    expect(refused(body)).toMatch(sentence)
  })

  it('is never misread, whatever it holds', () => {
    const key = fc.constantFrom('remove', 'add', 'change', 'parameters', 'revert', 'class', 'box', 'mask', 'id')
    fc.assert(
      fc.property(fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(key, fc.jsonValue())))), body => {
        expect(refused(body) ?? 'Could not correct the task. ').toMatch(/^Could not correct the task\. /)
      }),
    )
  })
})

describe('edits', () => {
  it('add up, and give every region an ID that no other ever had', () => {
    const first = addCorrection(noEdits(3), read({ remove: [1], add: [{ class: 'face', box: [5, 5, 9, 9] }] }))
    expect(first.changes).toEqual({ removed: [1], added: [3], changed: [], parameters: {} })
    const second = addCorrection(first.edits, read({ remove: [3], add: [{ class: 'person', box: [5, 5, 9, 9] }] }))
    const third = addCorrection(second.edits, read({ change: [{ id: 2, class: 'vehicle', method: 'blacken' }] }))
    const regions = editedRegions(detected, third.edits)
    expect(regions.map(({ id, class: name, method }) => [id, name, method])).toEqual([
      [0, 'face', undefined],
      [2, 'vehicle', 'blacken'],
      [4, 'person', undefined],
    ])
    const fourth = addCorrection(third.edits, read({ change: [{ id: 2, method: null }] }))
    expect(editedRegions(detected, fourth.edits)[1]).toEqual({ ...detected[2], class: 'vehicle' })
    expect(editedRegions(detected, noEdits(3))).toEqual(detected)
  })

  it.each([
    ['unknown', { remove: [3] }],
    ['removed before', { remove: [1] }],
    ['removed twice at once', { remove: [2, 2] }],
    ['changed after it was removed', { change: [{ id: 1, class: 'person' }] }],
  ])('of a region that is %s are refused', (_, body) => {
    const { edits } = addCorrection(noEdits(3), read({ remove: [1] }))
    expect(() => addCorrection(edits, read(body))).toThrow(/^There is no region \d+\.$/)
  })

  it('stop growing at a megabyte', () => {
    const row = Array.from({ length: 100 }, (_, i) => i).filter(i => i < 100)
    const mask = { top: 0, rows: Array.from({ length: 50 }, () => row) }
    const correction = read({ add: Array.from({ length: 50 }, () => ({ class: 'area', mask })) })
    expect(() => {
      let { edits } = addCorrection(noEdits(0), correction)
      for (let i = 0; i < 10; i++) edits = addCorrection(edits, correction).edits
    }).toThrow(/1048576 characters/)
  })
})
