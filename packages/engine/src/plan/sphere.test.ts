import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Box, clip } from '../geometry.js'
import { perspective } from '../sphere/projection.js'
import { PROFILES } from './profile.js'
import { planSphere } from './sphere.js'
import { fullPanorama, stripView } from './sphere-views.js'

const standard = PROFILES.standard

function viewTasksOf(width: number, classes: readonly ObjectClass[] = CLASSES) {
  return [...planSphere({ width, height: width / 2, data: new Uint8Array() }, classes, standard)]
}

describe('planSphere', () => {
  it.each([4096, 8192, 11000])(
    'shows an object as large as the overlap of tiles whole in one of them, wherever it is (%i px)',
    width => {
      const viewTasks = viewTasksOf(width)
      const shown = CLASSES.map(name => {
        const { overlap, scale } = standard.tilings.find(({ classes }) => classes.includes(name))!
        // Where no tiles look closer than the wide views do, those are it.
        const own = viewTasks.filter(
          ({ classes, stage, enlarge }) => classes.includes(name) && (stage === 'whole' || enlarge === scale),
        )
        return {
          reach: overlap / scale / 2,
          views: own.map(({ view }) => ({ view, frame: view.locate([0, 0, view.size.width, view.size.height]) })),
        }
      })
      fc.assert(
        fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }), (turn, height) => {
          const [x, y] = [turn * (width - 1), (0.5 - Math.asin(height) / Math.PI) * (width / 2)]
          for (const { reach, views } of shown) {
            const disc = discAround(x, y, reach, width)
            const whole = views.some(({ view, frame }) => {
              return disc.every(([px, py]) => {
                const point = view.projection!.toView(px, py)
                return (
                  point &&
                  point[0] >= frame[0] - 1 &&
                  point[1] >= frame[1] - 1 &&
                  point[0] <= frame[2] + 1 &&
                  point[1] <= frame[3] + 1
                )
              })
            })
            expect(whole).toBe(true)
          }
        }),
        { numRuns: 300 },
      )
    },
  )

  it('plans only views for requested classes, also for a tiny panorama', () => {
    expect(viewTasksOf(8192, ['face']).every(({ classes }) => classes.length === 1 && classes[0] === 'face')).toBe(true)
    expect(viewTasksOf(64).every(({ view: { size } }) => size.width > 0 && size.height > 0)).toBe(true)
  })
})

/** Points on a circle of `radius` px (at native resolution) around a point of a panorama. */
function discAround(x: number, y: number, radius: number, width: number) {
  const camera = {
    yaw: (x / width) * 2 * Math.PI,
    pitch: (0.5 - y / (width / 2)) * Math.PI,
    focal: width / (2 * Math.PI),
    centre: [0, 0] as const,
  }
  const { toImage } = perspective({ width, height: width / 2 }, camera)
  return Array.from({ length: 12 }, (_, i) => toImage(radius * Math.cos((i * Math.PI) / 6), radius * Math.sin((i * Math.PI) / 6)))
}

describe('a strip of a panorama', () => {
  const width = 200
  const data = Uint8Array.from({ length: width * 100 * 3 }, (_, i) => Math.floor(i / 3) % width)

  it('continues across the seam, and locates boxes there', async () => {
    const panorama = fullPanorama({ width, height: 100, data })
    const part: Box = [190, 40, 210, 50]
    const view = stripView(panorama, part)
    const { data: samples, start } = await view.pixels([8, 0, 12, 1], { width: 4, height: 1 })
    expect([0, 1, 2, 3].map(x => samples[start + 3 * x])).toEqual([198, 199, 0, 1])
    const [x1, , x2] = view.locate([8, 0, 12, 1])
    expect(view.projection!.toImage(x1, 40)[0]).toBeCloseTo(198)
    expect(view.projection!.toImage(x2, 40)[0]).toBeCloseTo(2)
    expect(clip(part, panorama.size)).toEqual([190, 40, 200, 50])
    expect(view.open).toEqual({ left: true, top: true, right: true, bottom: true })
  })
})
