import type { ObjectClass } from '@obscura/contract/parameters'
import { describe, expect, it } from 'vitest'
import type { Box } from '../geometry.js'
import { PROFILES } from '../plan/profile.js'
import { asSeenIn } from '../sphere/overlap.js'
import { type Projection, perspective, rolled } from '../sphere/projection.js'
import { located, onSphere } from './on-sphere.js'
import { mergeViews, type ViewDetection } from './views.js'

const panorama = { width: 3600, height: 1800 }
const FOCAL = panorama.width / (2 * Math.PI)
const { fusion } = PROFILES.standard

const camera = (yaw: number, pitch: number) =>
  perspective(panorama, { yaw: (yaw * Math.PI) / 180, pitch: (pitch * Math.PI) / 180, focal: FOCAL, centre: [500, 500] })
const strip = (left: number) => rolled(panorama, left)

function seen(
  projection: Projection,
  box: Box,
  view: number,
  cut = false,
  score = 0.8,
  name: ObjectClass = 'person',
): ViewDetection {
  return { ...located({ class: name, score }, { projection, box }), view, cut }
}

describe('what views of a panorama saw', () => {
  it('on both sides of the seam is one detection, whose box crosses it', () => {
    const [left, right] = [strip(1800), strip(2000)]
    const merged = mergeViews(
      [seen(left, [1780, 800, 1830, 950], 0, false, 0.9), seen(right, [1582, 801, 1629, 949], 1)],
      fusion,
      onSphere,
    )
    expect(merged).toHaveLength(1)
    expect(merged[0].box).toEqual([3580, 800, 3630, 950])
    expect(merged[0].seen?.projection).toBe(left)
  })

  it('joins parts that two tiles cut at the seam', () => {
    const merged = mergeViews(
      [seen(strip(1700), [1850, 800, 1900, 950], 0, true), seen(strip(1900), [1701, 800, 1760, 950], 1, true)],
      fusion,
      onSphere,
    )
    expect(merged.map(({ box }) => box.map(Math.round))).toEqual([[3550, 800, 3660, 950]])
  })

  it('away from the seam is an ordinary box of the image', () => {
    const [one] = mergeViews([seen(strip(0), [100, 800, 150, 950], 0)], fusion, onSphere)
    expect(one).toEqual({ class: 'person', score: 0.8, box: [100, 800, 150, 950] })
  })

  it.each([
    [40, 45],
    [60, -70],
    [40, -85],
  ])('from two cameras is one detection (%i degrees apart, at latitude %i)', (apart, latitude) => {
    const [a, b] = [camera(100, latitude), camera(100 + apart, latitude)]
    // 60 px around a point between both.
    const [u, v] = a.toView(((100 + apart / 2) / 360) * 3600, (0.5 - latitude / 180) * 1800)!
    const box: Box = [u - 30, v - 30, u + 30, v + 30]
    const other = asSeenIn(b, { projection: a, box })!
    expect(mergeViews([seen(a, box, 0, false, 0.9), seen(b, other, 1)], fusion, onSphere)).toHaveLength(1)
    const beside: Box = [u + 40, v - 30, u + 100, v + 30]
    expect(
      mergeViews([seen(a, box, 0, false, 0.9), seen(b, asSeenIn(b, { projection: a, box: beside })!, 1)], fusion, onSphere),
    ).toHaveLength(2)
  })

  it('from a camera and in a strip is one detection', () => {
    const view = camera(100, 45)
    const box: Box = [470, 600, 530, 700]
    const strips = strip(-800)
    const flat = asSeenIn(strips, { projection: view, box })!
    expect(mergeViews([seen(view, box, 0), seen(strips, flat, 1, true, 0.9)], fusion, onSphere)).toHaveLength(1)
  })

  it('is not an object when it is larger than any', () => {
    const wall: Box = [100, 300, 700, 600]
    expect(mergeViews([seen(camera(0, 40), wall, 0, false, 0.9, 'license_plate')], fusion, onSphere)).toEqual([])
    expect(mergeViews([seen(camera(0, 40), wall, 0, false, 0.9, 'vehicle')], fusion, onSphere)).toHaveLength(1)
  })
})
