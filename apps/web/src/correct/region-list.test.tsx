// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://service.example/" }
import { expect, test, vi } from 'vitest'
import { hidden } from '../stage/layers.js'
import { after, all, show, textOf } from '../test/shown.js'
import type { DraftRegion } from './draft.js'
import { RegionList } from './region-list.js'

const cut = vi.fn(async () => ({ close() {} }) as ImageBitmap)
const decoded = { size: { width: 100, height: 80 }, overview: {} as ImageBitmap, cut, close() {} }
const region = (id: number, change: Partial<DraftRegion> = {}): DraftRegion => ({
  ...{ id, class: 'face', score: 0.456, box: [20, 10, 30, 30], source: 'detector', shape: 'superellipse', state: 'kept' },
  ...change,
})
const regions = [
  region(4),
  region(7, { class: 'license_plate', score: 0.9, state: 'removed' }),
  region(-1, { source: 'user', state: 'added', score: 1 }),
]
const [onPick, onSelect] = [vi.fn(), vi.fn()]
const list = (selected: number[] = []) =>
  show(<RegionList {...{ regions, decoded, onPick, onSelect }} selected={new Set(selected)} />)

test("shows the class, the score and the draft's change of each region", async () => {
  await list()
  expect(textOf(document.querySelector('h2'))).toBe('Regions (3)')
  expect(all('.regions li').map(textOf)).toEqual(['Face46 %', 'License plate removed90 %', 'Face newdrawn'])
  // A crop with some of what is around: a square of 1.3 times the longer side.
  expect(cut).toHaveBeenCalledWith([10, 5, 41, 36], 96, 96)
})

test('a click brings a region into the middle, its box selects it', async () => {
  await list([7])
  expect(all('.regions button').map(row => row.getAttribute('aria-pressed'))).toEqual(['false', 'true', 'false'])
  await after(() => all('.regions button')[0].click())
  await after(() => all('.regions input')[2].click())
  expect([onPick.mock.calls, onSelect.mock.calls]).toEqual([[[regions[0]]], [[regions[2]]]])
})

test('each class present has a switch', async () => {
  await list()
  expect(all('.layers label').map(textOf)).toEqual(['Face (2)', 'License plate (1)'])
  await after(() => all('.layers input')[1].click())
  expect([...hidden.value]).toEqual(['license_plate'])
  await after(() => all('.layers input')[1].click())
  expect(hidden.value.size).toBe(0)
})

test('without regions it says so', async () => {
  await show(<RegionList {...{ decoded, onPick, onSelect }} regions={[]} selected={new Set()} />)
  expect(document.body.textContent).toContain('Nothing was found.')
})
