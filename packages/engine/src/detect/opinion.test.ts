import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Detection } from '../detection.js'
import { area, type Box, intersection } from '../geometry.js'
import type { Opinion } from '../plan/profile.js'
import { cropView } from '../plan/view.js'
import { logit, sigmoid } from '../score.js'
import { InputMemory } from './input.js'
import { type LoadedNetworks, loadNetworks } from './networks.js'
import { secondOpinion } from './opinion.js'

const models = fileURLToPath(new URL('../../../../models', import.meta.url))
const street = fileURLToPath(new URL('../../../../tests/fixtures/street-taxis.jpg', import.meta.url))

// Measured by hand: the taxi in front, and a piece of the street.
const TAXI: Box = [650, 562, 1017, 783]
const ASPHALT: Box = [250, 740, 400, 800]

let networks: LoadedNetworks
let opinion: Opinion
beforeAll(async () => {
  networks = await loadNetworks(models, { threads: 1, profile: 'standard' })
  opinion = networks.profile.fusion.vehicle.opinion!
})
afterAll(() => networks.close())

async function judge(box: Box, score: number, how: Partial<Opinion> = {}): Promise<Detection[]> {
  const { data, info } = await sharp(street).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const view = cropView({ width, height, data }, [0, 0, width, height])
  const viewTask = { view, classes: ['vehicle'], stage: 'whole', enlarge: 1 } as const
  const fused = [{ class: 'vehicle', score, box } as const]
  return secondOpinion(fused, 'vehicle', viewTask, networks, { ...opinion, ...how }, new InputMemory())
}

it('raises the score of a vehicle and lowers that of something else', async () => {
  const [taxi] = await judge(TAXI, 0.4)
  expect(taxi.score).toBeGreaterThan(0.6)
  const [nothing] = await judge(ASPHALT, 0.4)
  expect(nothing.score).toBeLessThan(0.25)
  expect(nothing.box).toEqual(ASPHALT)
})

it('extends a box that covers only part of the vehicle', async () => {
  const part: Box = [TAXI[0] + 60, TAXI[1], TAXI[2], TAXI[3]]
  const [taxi] = await judge(part, 0.4)
  expect(intersection(taxi.box, TAXI) / area(TAXI)).toBeGreaterThan(0.95)
  expect(intersection(taxi.box, part) / area(part)).toBeCloseTo(1)
})

it('gives a margin instead to boxes that are reported anyway, and to small ones', async () => {
  const [{ box: sure, score }] = await judge(ASPHALT, 0.7, { grow: 0.1 })
  expect(score).toBeCloseTo(sigmoid(logit(0.7) + opinion.weight * logit(0.25) + opinion.bias))
  for (const [i, side] of [235, 734, 415, 806].entries()) expect(sure[i]).toBeCloseTo(side)
  const [small] = await judge(ASPHALT, 0.4, { grow: 0.1, least: 0.2 })
  expect(small).toEqual({ class: 'vehicle', score: 0.4, box: sure })
  expect((await judge(ASPHALT, 0.4, { least: 0.1 }))[0].score).toBeLessThan(0.4)
})

it('ends the margin at the borders of the view', async () => {
  const [{ box }] = await judge([0, 0, 1280, 800], 0.7, { grow: 0.5 })
  expect(box).toEqual([0, 0, 1280, 853])
})

it('keeps boxes of high scores as they are, and drops those of very low ones', async () => {
  expect(await judge(ASPHALT, 0.9)).toEqual([{ class: 'vehicle', score: 0.9, box: ASPHALT }])
  expect(await judge(TAXI, 0.1)).toEqual([])
})

it('changes nothing where its network does not take part', async () => {
  expect(await judge(TAXI, 0.4, { model: 'of-ones-own' })).toEqual([{ class: 'vehicle', score: 0.4, box: TAXI }])
})
