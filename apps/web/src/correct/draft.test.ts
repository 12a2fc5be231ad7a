import { expect, test } from 'vitest'
import type { Region } from '../api/corrections.js'
import {
  correctionBody,
  draftRegions,
  edited,
  isEmpty,
  NO_DRAFT,
  NO_HISTORY,
  onRegions,
  redone,
  undone,
  withChange,
  withoutRegions,
  withRegion,
} from './draft.js'

const region = (id: number): Region => ({
  ...{ id, class: 'face', score: 0.5, box: [0, 0, 10, 10], source: 'detector', shape: 'superellipse' },
})
const REGIONS = [region(0), region(1)]
const BOX = { class: 'face', box: [1, 2, 3, 4] } as const

test('a region that is removed twice is back', () => {
  const once = withoutRegions(NO_DRAFT, [1])
  expect(correctionBody(once)).toEqual({ remove: [1] })
  expect(isEmpty(withoutRegions(once, [1]))).toBe(true)
  expect(withoutRegions(once, [0, 1]).remove).toEqual([0, 1])
})

test('a drawn region that is removed before it was saved is not sent at all', () => {
  const drawn = withRegion(withRegion(NO_DRAFT, { ...BOX, box: [1, 2, 3, 4] }), {
    class: 'area',
    polygon: [
      [0, 0],
      [9, 0],
      [0, 9],
    ],
  })
  expect(drawn.add.map(({ id }) => id)).toEqual([-1, -2])
  expect(correctionBody(withoutRegions(drawn, [-1]))).toEqual({
    add: [
      {
        class: 'area',
        polygon: [
          [0, 0],
          [9, 0],
          [0, 9],
        ],
      },
    ],
  })
})

test('a change applies to all that are selected, drawn ones too, and the last one counts', () => {
  const drawn = withRegion(NO_DRAFT, { ...BOX, box: [1, 2, 3, 4] })
  const changed = withChange(withChange(drawn, [0, -1], { class: 'person' }), [0, -1], { method: 'blacken' })
  expect(correctionBody(changed)).toEqual({
    add: [{ class: 'person', method: 'blacken', box: [1, 2, 3, 4] }],
    change: [{ id: 0, class: 'person', method: 'blacken' }],
  })
  expect(correctionBody(withChange(changed, [0, -1], { method: null })).change).toEqual([
    { id: 0, class: 'person', method: null },
  ])
  expect(draftRegions(REGIONS, changed).map(({ state, class: name }) => [state, name])).toEqual([
    ['changed', 'person'],
    ['kept', 'face'],
    ['added', 'person'],
  ])
})

test('undo and redo go back and forth, and a new change forgets what was undone', () => {
  const first = edited(NO_HISTORY, withoutRegions(NO_DRAFT, [0]))
  const second = edited(first, withoutRegions(first.now, [1]))
  expect(undone(second).now).toEqual(first.now)
  expect(redone(undone(second))).toEqual(second)
  expect(undone(NO_HISTORY)).toEqual(NO_HISTORY)
  expect(redone(edited(undone(second), withChange(first.now, [1], { class: 'person' }))).now.remove).toEqual([0])
})

test('changes of a draft that concern vanished regions are dropped', () => {
  const draft = withChange(withoutRegions(withRegion(NO_DRAFT, { ...BOX, box: [1, 2, 3, 4] }), [0]), [1], { class: 'person' })
  expect(onRegions(draft, [region(1)])).toEqual({ ...draft, remove: [] })
})
