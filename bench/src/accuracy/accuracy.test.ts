import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Box, Detection } from '@obscura/engine'
import { describe, expect, it } from 'vitest'
import { markdown } from '../report/table.js'
import { coverBox, coveredFraction, coverMask, noCoverage, strayFraction } from './cover.js'
import { figuresOf, SIZES, table } from './figures.js'
import { type LabelledObject, type Photo, readLabels } from './labels.js'
import { falseDetections, hasCompleteLabels, matchObjects } from './match.js'

const size = { width: 200, height: 100 }

function photo(objects: LabelledObject[], more: Partial<Photo> = {}): Photo {
  return {
    image: 'a.jpg',
    ...size,
    source: 'invented',
    labelled: ['person', 'face', 'license_plate'],
    complete: true,
    objects,
    ...more,
  }
}

function painted(...boxes: Box[]) {
  const coverage = noCoverage(size)
  for (const box of boxes) coverBox(coverage, box)
  return coverage
}

const found = (box: Box, name: Detection['class'] = 'person'): Detection => ({ class: name, score: 0.9, box })

describe('readLabels', () => {
  it('adds the objects of another file: a plate that has no label is then not false', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'labels-'))
    const write = (name: string, content: unknown) => writeFile(join(folder, name), JSON.stringify(content))
    try {
      await write('annotations.json', [photo([])])
      const plate: Box = [50, 20, 90, 40]
      await write('more.json', [{ image: 'a.jpg', objects: [{ type: 'license_plate', bbox: plate, ignore: true }] }])
      const wrong = async (more?: string) => {
        const [only] = await readLabels(folder, more && join(folder, more))
        return falseDetections(only, 'license_plate', [found([52, 22, 92, 42], 'license_plate')]).length
      }
      expect(await wrong()).toBe(1)
      expect(await wrong('more.json')).toBe(0)
      await write('other.json', [{ image: 'b.jpg', objects: [] }])
      await expect(wrong('other.json')).rejects.toThrow(/has objects of b\.jpg, which is not in/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('coveredFraction', () => {
  it('counts the pixels that certainly belong to each class', () => {
    const bbox: Box = [50, 20, 150, 80]
    const middle = painted([70, 32, 130, 68])
    expect(coveredFraction(middle, { type: 'person', bbox })).toBe(1)
    expect(coveredFraction(middle, { type: 'license_plate', bbox })).toBeCloseTo(0.36 / 0.81, 1)
    expect(coveredFraction(middle, { type: 'face', bbox })).toBeCloseTo(0.36 / (Math.PI / 4), 1)
    expect(coveredFraction(painted([100, 0, 200, 100]), { type: 'vehicle', bbox })).toBeCloseTo(0.5)
  })

  it('uses the outline where there is one', () => {
    const polygon: [number, number][] = [
      [50, 20],
      [150, 20],
      [50, 80],
    ]
    const object: LabelledObject = { type: 'person', bbox: [50, 20, 150, 80], polygon }
    expect(coveredFraction(painted([50, 20, 150, 80]), object)).toBe(1)
    expect(coveredFraction(painted([50, 20, 100, 80]), object)).toBeCloseTo(0.75, 1)
  })

  it('counts masks and boxes alike', () => {
    const coverage = noCoverage(size)
    coverMask(coverage, {
      top: 32,
      bottom: 68,
      offsets: Uint32Array.from({ length: 37 }, (_, i) => i),
      runs: Uint32Array.from({ length: 72 }, (_, i) => (i % 2 ? 130 : 70)),
    })
    expect(coverage.data).toEqual(painted([70, 32, 130, 68]).data)
  })
})

describe('strayFraction', () => {
  it('is the part of the cover outside the objects grown by 15 %', () => {
    expect(strayFraction(painted([0, 0, 100, 50]), [[0, 0, 100, 50]])).toBe(0)
    expect(strayFraction(painted([0, 0, 200, 100]), [[0, 0, 100, 100]])).toBeCloseTo(85 / 200)
  })
})

describe('matchObjects', () => {
  it('counts matches by cover and by IoU', () => {
    const coverage = { rectangles: painted([0, 0, 90, 100]), outlines: painted() }
    const shot = photo([
      { type: 'person', bbox: [0, 0, 100, 100] },
      { type: 'person', bbox: [120, 0, 130, 20], ignore: true },
      { type: 'person', bbox: [120, 0, 130, 20], region: true },
      { type: 'face', bbox: [20, 0, 40, 20] },
    ])
    expect(matchObjects(shot, 'person', [[0, 0, 90, 100]], coverage)).toMatchObject([
      { size: 100, covered: { rectangles: true, outlines: false }, found: true },
    ])
  })
})

describe('falseDetections', () => {
  const person: LabelledObject = { type: 'person', bbox: [0, 0, 50, 100] }

  it('touch no object of their class, and lie outside ignored parts', () => {
    const shot = photo([person, { type: 'person', bbox: [150, 0, 200, 100], ignore: true }])
    const away = found([80, 0, 120, 100])
    expect(falseDetections(shot, 'person', [found([0, 0, 60, 90]), away, found([160, 20, 180, 60])])).toEqual([away])
    expect(falseDetections(shot, 'face', [away])).toEqual([])
  })

  it('excuses a face on the upper half of a labelled person', () => {
    const shot = photo([person], { complete: false, complete_types: ['person'] })
    expect(hasCompleteLabels(shot, 'face')).toBe(true)
    expect(hasCompleteLabels(shot, 'license_plate')).toBe(false)
    const feet = found([10, 80, 20, 90], 'face')
    expect(falseDetections(shot, 'face', [found([10, 10, 20, 20], 'face'), feet])).toEqual([feet])
  })
})

describe('figuresOf', () => {
  it('gives fractions by size, and null where nothing was counted', () => {
    const verdict = (size: number, covered: boolean) => ({
      object: { type: 'face', bbox: [0, 0, 1, 1] } as LabelledObject,
      size,
      covered: { rectangles: covered, outlines: false },
      found: true,
    })
    const figures = figuresOf({
      matches: [verdict(10, false), verdict(20, true), verdict(30, true), verdict(100, true)],
      photos: 2,
      complete: 2,
      detections: 4,
      falseDetections: 1,
      stray: { rectangles: 0.1, outlines: 0 },
    })
    expect(figures).toMatchObject({
      objects: 4,
      coveredRectangles: 0.75,
      coveredOutlines: 0,
      falsePerPhoto: 0.5,
      precision: 0.75,
      strayRectangles: 0.05,
    })
    expect(figures.bySize.map(({ objects }) => objects)).toEqual([1, 2, 0, 1])
    expect(figures.bySize[2].coveredRectangles).toBeNull()
    expect(figures.bySize).toHaveLength(SIZES.length - 1)
    expect(markdown(table([{ name: 'face', source: 'invented', figures }]))).toMatch(
      /\| face +\| invented \| 4 +\| 75 \/ 0 +\| 100 /,
    )
  })
})
