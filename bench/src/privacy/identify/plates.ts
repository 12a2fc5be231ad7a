/**
 * Plates drawn from texts: what an attacker can draw as well who knows or can see everything about
 * a plate but its characters.
 */
import type { Box } from '@obscura/engine'
import sharp from 'sharp'
import type { Sample } from '../deblur/objects.js'
import { lumaOf } from '../deblur/plane.js'
import { anonymized, type Treatment } from '../deblur/treatment.js'
import { distance, type Feature, type Trial, trial } from './ranks.js'

/**
 * Size in px of a plate of 520 x 110 mm as it appears in a street photo, and of the image around
 * it.
 */
const PLATE = { width: 142, height: 30 }
const IMAGE = { width: 214, height: 62 }

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const CHARACTERS = 7

/**
 * Renditions of a candidate that are averaged: their noise is the attacker's own and no use to him.
 */
const RENDITIONS = 8

/** How far the attacker's drawing is from the plate, in px. */
export interface Offset {
  x: number
  y: number
}

const BOX: Box = [
  (IMAGE.width - PLATE.width) / 2,
  (IMAGE.height - PLATE.height) / 2,
  (IMAGE.width + PLATE.width) / 2,
  (IMAGE.height + PLATE.height) / 2,
]

/** Texts that random digits and letters make. */
export function randomTexts(count: number): string[] {
  const character = () => ALPHABET[Math.floor(Math.random() * ALPHABET.length)]
  return Array.from({ length: count }, () => Array.from({ length: CHARACTERS }, character).join(''))
}

/** A plate on a bumper. */
export async function drawPlate(text: string, { x, y }: Offset = { x: 0, y: 0 }): Promise<Sample> {
  const { width, height } = PLATE
  const slot = (0.92 * width) / CHARACTERS
  const characters = [...text].map(
    (character, i) =>
      `<text transform="translate(${0.04 * width + (i + 0.5) * slot} ${0.86 * height}) scale(0.62 1)" text-anchor="middle">${character}</text>`,
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${IMAGE.width}" height="${IMAGE.height}">
    <rect width="100%" height="100%" fill="#3a4048"/>
    <g transform="translate(${BOX[0] + x} ${BOX[1] + y})">
      <rect width="${width}" height="${height}" rx="2" fill="#e9e9e4"/>
      <g font-family="sans-serif" font-weight="bold" font-size="${height}" fill="#16181a">${characters.join('')}</g>
    </g></svg>`
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { pixels: { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) }, box: BOX }
}

/**
 * Guess and compare: which of the texts, drawn and anonymized likewise, looks most like what was
 * published of each.
 */
export async function guessTexts(texts: readonly string[], treatment: Treatment, offset: Offset): Promise<Trial[]> {
  const candidates: Feature[] = []
  for (const text of texts) candidates.push(await expected(await drawPlate(text, offset), treatment))
  const trials: Trial[] = []
  for (const [i, text] of texts.entries()) {
    const published = await seen(await drawPlate(text), treatment)
    const distances = candidates.map(candidate => distance(candidate, published))
    trials.push(trial(distances[i], distances.toSpliced(i, 1)))
  }
  return trials
}

/** The luma of the plate and what its gradient reaches, as published. */
async function seen(plate: Sample, treatment: Treatment): Promise<Feature> {
  const { pixels } = await anonymized(plate, 'license_plate', treatment, false)
  return lumaOf(pixels, [0, 0, pixels.width, pixels.height]).values
}

async function expected(plate: Sample, treatment: Treatment): Promise<Feature> {
  const sum = await seen(plate, treatment)
  for (let i = 1; i < RENDITIONS; i++)
    (await seen(plate, treatment)).forEach((value, k) => {
      sum[k] += value
    })
  return sum.map(value => value / RENDITIONS)
}
