import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { area, type Box, iou } from '../geometry.js'
import { type Fusion, PROFILES } from '../plan/profile.js'
import { type Candidate, fuse } from './fuse.js'
import { onPlane } from './on-plane.js'
import { suppress } from './suppress.js'
import { mergeViews, type ViewDetection } from './views.js'

const image = { width: 1000, height: 800 }
const plain = { ...PROFILES.standard.fusion.person, final: { whole: [1, 0], tiles: [1, 0] } } satisfies Fusion
const ungrown = { face: plain, person: plain, license_plate: plain, vehicle: plain }

const boxes = fc
  .tuple(
    fc.integer({ min: 0, max: 900 }),
    fc.integer({ min: 0, max: 700 }),
    fc.integer({ min: 5, max: 100 }),
    fc.integer({ min: 5, max: 100 }),
  )
  .map(([x, y, w, h]): Box => [x, y, x + w, y + h])
const scores = fc.double({ min: 0.05, max: 0.99, noNaN: true })
const candidates: fc.Arbitrary<Candidate[]> = fc.array(
  fc.record({ class: fc.constant('person' as const), score: scores, box: boxes, pass: fc.integer({ min: 0, max: 2 }) }),
  { maxLength: 30 },
)
const viewDetections: fc.Arbitrary<ViewDetection[]> = fc.array(
  fc.record({
    class: fc.constantFrom('person' as const, 'vehicle' as const),
    score: scores,
    box: boxes,
    view: fc.integer({ min: 0, max: 3 }),
    cut: fc.boolean(),
  }),
  { maxLength: 30 },
)

/** The same elements in another order, chosen by fast-check. */
const shuffled = <T>(items: fc.Arbitrary<T[]>) =>
  items.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))

const seen = (box: Box, view: number, score = 0.8, cut = false): ViewDetection => ({ class: 'person', score, box, view, cut })

describe('suppress', () => {
  const overlap = { iou: 0.5, inside: 0.85 }

  it('is idempotent, keeps the best, and leaves no two boxes that repeat each other', () => {
    fc.assert(
      fc.property(candidates, list => {
        const kept = suppress(list, overlap)
        expect(suppress(kept, overlap)).toEqual(kept)
        expect(kept[0]?.score ?? 0).toBe(Math.max(0, ...list.map(({ score }) => score)))
        for (const [i, a] of kept.entries()) for (const b of kept.slice(i + 1)) expect(iou(a.box, b.box)).toBeLessThan(0.5)
      }),
    )
  })

  it('drops a box inside a better one only when asked to', () => {
    const list: Candidate[] = [
      { class: 'person', score: 0.9, box: [0, 0, 100, 100], pass: 0 },
      { class: 'person', score: 0.5, box: [10, 10, 30, 30], pass: 0 },
      { class: 'vehicle', score: 0.4, box: [10, 10, 30, 30], pass: 0 },
    ]
    expect(suppress(list, overlap).map(({ score }) => score)).toEqual([0.9, 0.4])
    expect(suppress(list, { iou: 0.5, inside: 1 })).toHaveLength(3)
  })
})

describe('fuse', () => {
  it('averages the best score of each pass over the passes run, and weighs the box by score', () => {
    const [fused, ...others] = fuse(
      [
        { class: 'person', score: 0.9, box: [100, 100, 200, 200], pass: 0 },
        { class: 'person', score: 0.3, box: [108, 100, 208, 200], pass: 0 },
        { class: 'person', score: 0.6, box: [104, 100, 204, 200], pass: 1 },
      ],
      3,
      plain,
      'whole',
    )
    expect(others).toHaveLength(0)
    expect(fused.score).toBeCloseTo((0.9 + 0.6) / 3)
    expect(fused.box[0]).toBeCloseTo((0.9 * 100 + 0.3 * 108 + 0.6 * 104) / 1.8)
  })

  it('does not depend on the order of the candidates', () => {
    fc.assert(
      fc.property(shuffled(candidates), ([list, other]) => {
        expect(fuse(other, 3, plain, 'whole')).toEqual(fuse(list, 3, plain, 'whole'))
      }),
    )
  })

  it('never scores above the best pass, and takes the best score where that is the rule', () => {
    fc.assert(
      fc.property(candidates, list => {
        const best = Math.max(0, ...list.map(({ score }) => score))
        for (const { score } of fuse(list, 3, plain, 'whole')) expect(score).toBeLessThanOrEqual(best + 1e-9)
        const [first] = fuse(list, 3, { ...plain, combine: 'best' }, 'whole')
        if (list.length > 0) expect(first.score).toBeCloseTo(best, 5)
      }),
    )
  })
})

describe('mergeViews', () => {
  it('does not depend on the order of the detections', () => {
    fc.assert(
      fc.property(shuffled(viewDetections), ([list, other]) => {
        expect(mergeViews(other, ungrown, onPlane(image))).toEqual(mergeViews(list, ungrown, onPlane(image)))
      }),
    )
  })

  it('is idempotent', () => {
    fc.assert(
      fc.property(viewDetections, list => {
        const merged = mergeViews(list, ungrown, onPlane(image))
        const again = merged.map(detection => ({ ...detection, view: 0, cut: false }))
        expect(mergeViews(again, ungrown, onPlane(image))).toEqual(merged)
      }),
    )
  })

  it('covers most of every view detection', () => {
    fc.assert(
      fc.property(viewDetections, list => {
        const merged = mergeViews(list, ungrown, onPlane(image))
        for (const { class: name, box } of list) {
          const most = Math.max(...merged.filter(other => other.class === name).map(other => shared(box, other.box)))
          expect(most).toBeGreaterThanOrEqual(0.49)
        }
      }),
    )
  })

  it('makes one detection of an object that two tiles and the whole view saw', () => {
    const merged = mergeViews(
      [seen([300, 300, 340, 400], 0, 0.6), seen([302, 301, 341, 402], 1, 0.9), seen([301, 299, 340, 399], 2)],
      ungrown,
      onPlane(image),
    )
    expect(merged).toEqual([{ class: 'person', score: 0.9, box: [302, 301, 341, 402] }])
  })

  it('prefers the whole object to a part of it that scores higher', () => {
    const merged = mergeViews(
      [seen([300, 300, 340, 400], 0, 0.6), seen([300, 300, 340, 350], 1, 0.9, true)],
      ungrown,
      onPlane(image),
    )
    expect(merged.map(({ box }) => box)).toEqual([[300, 300, 340, 400]])
  })

  it('joins parts of an object at the border of tiles that do not overlap', () => {
    const merged = mergeViews(
      [seen([450, 300, 500, 400], 1, 0.7, true), seen([501, 296, 560, 398], 2, 0.9, true)],
      ungrown,
      onPlane(image),
    )
    expect(merged).toEqual([{ class: 'person', score: 0.9, box: [450, 296, 560, 400] }])
  })

  it('keeps a part that no other view continues, and neighbours that are whole', () => {
    expect(mergeViews([seen([450, 300, 500, 400], 1, 0.7, true)], ungrown, onPlane(image))).toHaveLength(1)
    expect(mergeViews([seen([450, 300, 500, 400], 1), seen([501, 300, 560, 400], 2)], ungrown, onPlane(image))).toHaveLength(2)
  })

  it('grows plates and faces, within the image', () => {
    const fusion = PROFILES.standard.fusion
    const [plate] = mergeViews([{ ...seen([100, 100, 200, 150], 0), class: 'license_plate' }], fusion, onPlane(image))
    expect(plate.box).toEqual([88, 87.5, 212, 162.5])
    const [face] = mergeViews([{ ...seen([0, 0, 100, 100], 0), class: 'face' }], fusion, onPlane(image))
    expect(face.box).toEqual([0, 0, 115, 115])
  })
})

function shared(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  return (Math.max(0, width) * Math.max(0, height)) / area(a)
}
