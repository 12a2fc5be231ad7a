import { join } from 'node:path'
import type { Box } from '@obscura/engine'
import sharp from 'sharp'

/** One cell of a contact sheet: a box in a photo, with some of what is around it. */
export interface Cell {
  image: string
  box: Box
  caption: string
  colour: string
}

const SIDE = 180
const COLUMNS = 10

/** Writes a PNG of the cells, ten a row. */
export async function writeSheet(file: string, folder: string, cells: readonly Cell[]): Promise<void> {
  const rows = Math.max(1, Math.ceil(cells.length / COLUMNS))
  const crops = []
  for (const [i, cell] of cells.entries()) {
    crops.push({ input: await crop(folder, cell), left: (i % COLUMNS) * SIDE, top: Math.floor(i / COLUMNS) * SIDE })
  }
  await sharp({ create: { width: COLUMNS * SIDE, height: rows * SIDE, channels: 3, background: '#222' } })
    .composite(crops)
    .png()
    .toFile(file)
}

/**
 * The box and as much again on each side, enlarged to a cell, with the box drawn and the caption
 * below.
 */
async function crop(folder: string, { image, box, caption, colour }: Cell): Promise<Buffer> {
  const photo = await sharp(join(folder, image))
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = photo.info
  const side = Math.min(Math.max(width, height), Math.max(24, 3 * Math.max(box[2] - box[0], box[3] - box[1])))
  const left = clampTo((box[0] + box[2] - side) / 2, width - side)
  const top = clampTo((box[1] + box[3] - side) / 2, height - side)
  const part = { left, top, width: Math.min(width - left, Math.ceil(side)), height: Math.min(height - top, Math.ceil(side)) }
  const k = (SIDE - 2) / Math.max(part.width, part.height)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">
    <rect x="${(box[0] - left) * k}" y="${(box[1] - top) * k}" width="${(box[2] - box[0]) * k}" height="${(box[3] - box[1]) * k}" fill="none" stroke="${colour}" stroke-width="1.5"/>
    <text x="3" y="${SIDE - 6}" font-size="12" font-family="sans-serif" fill="#fff" stroke="#000" stroke-width="3" paint-order="stroke">${caption}</text></svg>`
  const resized = await sharp(photo.data, { raw: photo.info })
    .extract(part)
    .resize(Math.max(1, Math.round(part.width * k)), Math.max(1, Math.round(part.height * k)), { fit: 'fill' })
    .png()
    .toBuffer()
  return sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#222' } })
    .composite([
      { input: resized, left: 0, top: 0 },
      { input: Buffer.from(svg), left: 0, top: 0 },
    ])
    .png()
    .toBuffer()
}

function clampTo(value: number, most: number): number {
  return Math.max(0, Math.min(Math.floor(value), Math.floor(most)))
}
