import { describe, expect, it } from 'vitest'
import type { Detection } from '../detection.js'
import type { Box } from '../geometry.js'
import { located } from '../merge/on-sphere.js'
import { rolled } from '../sphere/projection.js'
import { headsOf } from './heads.js'

const person = (box: Box, score = 0.9): Detection => ({ class: 'person', score, box })

describe('headsOf', () => {
  it('gives a face at the top of a person, in the middle', () => {
    const [head] = headsOf([person([100, 200, 160, 400])])
    expect(head.class).toBe('face')
    expect(head.box).toEqual([101.2, 200, 158.8, 248])
  })

  it('places no head on a person that is small, lying or partly visible', () => {
    expect(headsOf([person([0, 0, 20, 60]), person([0, 0, 300, 100]), person([0, 0, 200, 200])])).toEqual([])
  })

  it('gives a person of 0.7 a head of 0.5', () => {
    expect(headsOf([person([0, 0, 60, 200], 0.7)])[0].score).toBeCloseTo(0.5, 2)
  })

  it('finds the head across the seam of a panorama', () => {
    const projection = rolled({ width: 1000, height: 500 }, 500)
    const crossing = located(person([470, 100, 550, 400]), { projection, box: [470, 100, 550, 400] })
    const [head] = headsOf([crossing])
    expect([head.box[0], head.box[2]].map(Math.round)).toEqual([972, 1048])
    expect(head.seen?.projection).toBe(projection)
  })
})
