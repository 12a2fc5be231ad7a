import { describe, expect, it } from 'vitest'
import type { Detection } from '../detection.js'
import type { Box } from '../geometry.js'
import { facesAmong, minFaceScore } from './faces.js'

const person = (box: Box, score = 0.9): Detection => ({ class: 'person', score, box })
const face = (box: Box, score: number): Detection => ({ class: 'face', score, box })
const PERSON: Box = [100, 200, 160, 400]
const ON_PERSON: Box = [120, 205, 140, 230]
const AWAY: Box = [500, 205, 520, 230]
const WIDTH = 1000

const boxes = (detections: readonly Detection[], threshold = 0.5) =>
  facesAmong(detections, threshold, WIDTH).map(({ box }) => box)

describe('facesAmong', () => {
  it('accepts an uncertain face on a person, but not elsewhere', () => {
    expect(boxes([person(PERSON, 0.69), face(ON_PERSON, 0.4), face(AWAY, 0.4)])).toEqual([ON_PERSON])
  })

  it('accepts a certain face without a person', () => {
    expect(boxes([face(AWAY, 0.8)])).toEqual([AWAY])
    expect(boxes([face(AWAY, 0.7)])).toEqual([])
  })

  it('gives more weight to the person of the higher score', () => {
    const [sure] = facesAmong([person(PERSON, 0.9), face(ON_PERSON, 0.5)], 0, WIDTH)
    const [unsure] = facesAmong([person(PERSON, 0.3), face(ON_PERSON, 0.5)], 0, WIDTH)
    expect(sure.score).toBeGreaterThan(unsure.score + 0.2)
  })

  it('accepts no knee, no face as large as the person, and no neighbour', () => {
    for (const box of [
      [120, 350, 140, 375],
      [90, 190, 170, 400],
      [200, 205, 220, 230],
    ] as Box[]) {
      expect(boxes([person(PERSON, 0.69), face(box, 0.5)])).toEqual([])
    }
  })

  it('adds the head of a person without a face, and none where there is a face', () => {
    expect(facesAmong([person(PERSON), face(AWAY, 0.4)], 0.5, WIDTH)).toMatchObject([
      { class: 'face', box: [101.2, 200, 158.8, 248] },
    ])
    expect(boxes([person(PERSON), face(ON_PERSON, 0.6)])).toEqual([ON_PERSON])
    expect(boxes([person(PERSON)], 0.9)).toEqual([])
  })

  it('does not mistake the small face of someone behind for that of a person', () => {
    const small: Box = [125, 210, 133, 220]
    expect(boxes([person(PERSON), face(small, 0.9)])).toEqual([small, [101.2, 200, 158.8, 248]])
  })

  it('finds the person of a face behind the seam of a panorama', () => {
    const across = person([970, 100, 1050, 400])
    const behind: Box = [0, 110, 30, 150]
    expect(boxes([across, face(behind, 0.4)])).toEqual([behind])
  })

  it('never needs a face below minFaceScore', () => {
    for (const threshold of [0.2, 0.5, 0.8]) {
      const least = minFaceScore(threshold)
      expect(boxes([person(PERSON, 0.99), face(ON_PERSON, least + 0.01)], threshold)).toContainEqual(ON_PERSON)
      expect(boxes([person(PERSON, 0.99), face(ON_PERSON, least - 0.01)], threshold)).not.toContainEqual(ON_PERSON)
    }
  })
})
