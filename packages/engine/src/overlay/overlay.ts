/** The debug overlay: detections drawn on the anonymized image. */

import type { RegionClass } from '@obscura/contract/parameters'
import type { Region } from '../detection.js'
import { type Box, clip } from '../geometry.js'
import type { Pixels } from '../image.js'
import { runsOfRow } from '../segment/runs.js'
import { roundOut } from '../segment/shape.js'
import { bitmapOf, GLYPH_HEIGHT } from './digits.js'

type Colour = readonly [red: number, green: number, blue: number]

/** 0..255; distinguishable by colour-blind people (Okabe and Ito's palette). */
const COLOURS: Record<RegionClass, Colour> = {
  face: [240, 228, 66],
  person: [86, 180, 233],
  license_plate: [230, 159, 0],
  vehicle: [0, 158, 115],
  area: [204, 121, 167],
}

/** Opacity of the class colour in masks. */
const TINT = 0.35

/**
 * Draws masks and boxes of the regions on the pixels in place; `score` adds the scores, with two
 * decimals. What is drawn becomes opaque.
 */
export function drawOverlay(pixels: Pixels, regions: readonly Region[], { score }: { score: boolean }): void {
  const line = Math.max(1, Math.round(Math.min(pixels.width, pixels.height) / 400))
  for (const region of regions) {
    const colour = COLOURS[region.class]
    for (let y = region.mask.top; y < region.mask.bottom; y++) {
      for (const [start, end] of runsOfRow(region.mask, y)) fill(pixels, [start, y, end, y + 1], colour, TINT)
    }
  }
  for (const region of regions) {
    const frame = roundOut(region.box)
    drawFrame(pixels, frame, COLOURS[region.class], line)
    // Parts beyond the seam of a panorama continue at the left edge.
    if (frame[2] > pixels.width) drawFrame(pixels, shifted(frame, -pixels.width), COLOURS[region.class], line)
    if (score) drawLabel(pixels, region, line)
  }
}

function shifted([x1, y1, x2, y2]: Box, columns: number): Box {
  return [x1 + columns, y1, x2 + columns, y2]
}

/** A frame of `line` px inside a box of whole pixels. */
function drawFrame(pixels: Pixels, [x1, y1, x2, y2]: Box, colour: Colour, line: number): void {
  fill(pixels, [x1, y1, x2, Math.min(y2, y1 + line)], colour)
  fill(pixels, [x1, Math.max(y1, y2 - line), x2, y2], colour)
  fill(pixels, [x1, y1, Math.min(x2, x1 + line), y2], colour)
  fill(pixels, [Math.max(x1, x2 - line), y1, x2, y2], colour)
}

/**
 * The score in black on a plate of the class's colour, above the box or, where the image ends
 * there, inside it.
 */
function drawLabel(pixels: Pixels, region: Region, scale: number): void {
  const [left, top] = roundOut(region.box)
  const bitmap = bitmapOf(region.score.toFixed(2))
  const height = (GLYPH_HEIGHT + 2) * scale
  const width = (bitmap[0].length + 2) * scale
  const x = Math.max(0, Math.min(left, pixels.width - width))
  const y = top >= height ? top - height : Math.max(0, top)
  fill(pixels, [x, y, x + width, y + height], COLOURS[region.class])
  bitmap.forEach((row, j) => {
    ;[...row].forEach((ink, i) => {
      const pixel: Box = [x + (i + 1) * scale, y + (j + 1) * scale, x + (i + 2) * scale, y + (j + 2) * scale]
      if (ink === '#') fill(pixels, pixel, [0, 0, 0])
    })
  })
}

/** Lays a colour over a rectangle of whole pixels, as far as it lies in the image. */
function fill({ data, width, height, channels }: Pixels, rect: Box, colour: Colour, fraction = 1): void {
  const full = data instanceof Uint16Array ? 65535 : 255
  const [left, top, right, bottom] = clip(rect, { width, height })
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const sample = (y * width + x) * channels
      for (let c = 0; c < 3; c++) {
        const target = (colour[c] * full) / 255
        data[sample + c] = Math.round(data[sample + c] + fraction * (target - data[sample + c]))
      }
      if (channels === 4) data[sample + 3] = full
    }
  }
}
