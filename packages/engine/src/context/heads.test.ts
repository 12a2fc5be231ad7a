import { describe, expect, it } from 'vitest'
import type { Detection } from '../detection.js'
import type { Box } from '../geometry.js'
import { located } from '../merge/on-sphere.js'
import { rolled } from '../sphere/projection.js'
import { headsOf, personScore } from './heads.js'

const person = (box: Box, score = 0.9): Detection => ({ class: 'person', score, box })
const face = (box: Box): Detection => ({ class: 'face', score: 0.8, box })
const WIDTH = 1000

describe('headsOf', () => {
  it('adds a face at the top of a person without one, in the middle', () => {
    const [head] = headsOf([person([100, 200, 160, 400])], [], WIDTH)
    expect(head.class).toBe('face')
    expect(head.box).toEqual([101.2, 200, 158.8, 248])
  })

  it('takes no head of a person with a face, nor of one that is small, lies or is shown in part', () => {
    const whole = person([100, 200, 160, 400])
    expect(headsOf([whole], [face([120, 205, 140, 230])], WIDTH)).toEqual([])
    expect(headsOf([whole], [face([120, 350, 140, 375]), face([300, 205, 320, 230])], WIDTH)).toHaveLength(1)
    expect(headsOf([person([0, 0, 20, 60]), person([0, 0, 300, 100]), person([0, 0, 200, 200])], [], WIDTH)).toEqual([])
  })

  it('gives a person of 0.7 a head of 0.5, and knows the way back', () => {
    expect(headsOf([person([0, 0, 60, 200], 0.7)], [], WIDTH)[0].score).toBeCloseTo(0.5, 2)
    for (const score of [0.1, 0.5, 0.9]) {
      expect(headsOf([person([0, 0, 60, 200], personScore(score))], [], WIDTH)[0].score).toBeCloseTo(score)
    }
  })

  it('finds the head across the seam of a panorama, and a face behind it', () => {
    const projection = rolled({ width: WIDTH, height: 500 }, 500)
    const crossing = located(person([470, 100, 550, 400]), { projection, box: [470, 100, 550, 400] })
    expect(crossing.box).toEqual([970, 100, 1050, 400])
    const [head] = headsOf([crossing], [], WIDTH)
    expect([head.box[0], head.box[2]].map(Math.round)).toEqual([972, 1048])
    expect(head.seen?.projection).toBe(projection)
    expect(headsOf([crossing], [face([0, 110, 30, 150])], WIDTH)).toEqual([])
  })
})
