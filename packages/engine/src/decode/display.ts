/**
 * What viewers show where that differs from the samples as they are stored: by gamma, through
 * alpha, and with more contrast.
 */
import type { Header, Pixels, Raster } from '../image.js'

/** What displays do to samples in the end, as sRGB has it. */
const DISPLAY_GAMMA = 2.2

/** Exponents that change a sample by less than a tenth of the range. */
const NEAR_ONE = [0.78, 1.3] as const

/** Of cICP: the transfer characteristics of linear light. (ITU-T H.273, table 3) */
const LINEAR = 8

/**
 * The power to which viewers raise the samples (0..1) of a PNG without a profile, by its gAMA or
 * cICP chunk; 1 where they stay about as they are. (PNG specification, 13.13)
 */
export function displayExponent({ chunks = [] }: Header['carriers']): number {
  const dataOf = (type: string) => chunks.find(chunk => chunk.type === type)?.data
  const [, transfer] = dataOf('cICP') ?? []
  const gamma = dataOf('gAMA')
  if (transfer === LINEAR) return 1 / DISPLAY_GAMMA
  if (transfer !== undefined || !gamma || dataOf('sRGB')) return 1
  const encoding = new DataView(gamma.buffer, gamma.byteOffset).getUint32(0) / 100_000
  const exponent = 1 / (encoding * DISPLAY_GAMMA)
  return encoding === 0 || (exponent > NEAR_ONE[0] && exponent < NEAR_ONE[1]) ? 1 : exponent
}

/** The colours of pixels, raised to a power, in memory that threads share. */
export function applyExponent({ width, height, channels, data }: Pixels, exponent: number): Raster {
  const maximum = data instanceof Uint16Array ? 65535 : 255
  const table = Uint8Array.from({ length: maximum + 1 }, (_, sample) => Math.round(255 * (sample / maximum) ** exponent))
  const raster = new Uint8Array(new SharedArrayBuffer(width * height * 3))
  for (let from = 0, to = 0; to < raster.length; from += channels, to += 3) {
    raster[to] = table[data[from]]
    raster[to + 1] = table[data[from + 1]]
    raster[to + 2] = table[data[from + 2]]
  }
  return { width, height, data: raster }
}

/**
 * What is seen through alpha: colours before the background that brings out more, white behind dark
 * ones and black behind bright ones.
 * @returns undefined where alpha is the same everywhere, so that it shows nothing
 */
export function overContrast({ channels, data }: Pixels, { width, height, data: colours }: Raster): Raster | undefined {
  if (channels === 3) return undefined
  let varies = false
  for (let at = 7; at < data.length && !varies; at += 4) varies = data[at] !== data[3]
  if (!varies) return undefined
  const background = colours.reduce((sum, sample) => sum + sample, 0) / colours.length < 128 ? 255 : 0
  const opaque = data instanceof Uint16Array ? 65535 : 255
  const seen = new Uint8Array(new SharedArrayBuffer(colours.length))
  for (let to = 0, alpha = 3; to < seen.length; alpha += 4) {
    const fraction = data[alpha] / opaque
    for (const end = to + 3; to < end; to++) seen[to] = Math.round(fraction * colours[to] + (1 - fraction) * background)
  }
  return { width, height, data: seen }
}

/** Below this fraction of the range, detectors see little of 16-bit samples in 8 bits. */
const LOW_CONTRAST = 1 / 4
/** Fraction of the samples at either end that does not count: a bright spot, a dead pixel. */
const OUTLIERS = 0.005

/**
 * The colours of a 16-bit image that uses little of its range, as thermal cameras and scientific
 * programs write it, stretched over 8 bits: any viewer's contrast brings them out.
 * @returns undefined for other images
 */
export function stretched({ width, height, channels, data }: Pixels): Raster | undefined {
  if (!(data instanceof Uint16Array)) return undefined
  const counts = new Uint32Array(65536)
  for (let at = 0; at < data.length; at += channels) for (let c = 0; c < 3; c++) counts[data[at + c]]++
  const outliers = OUTLIERS * width * height * 3
  const low = bound(counts, outliers, 0, 1)
  const range = bound(counts, outliers, 65535, -1) - low
  if (range === 0 || range >= LOW_CONTRAST * 65535) return undefined
  const raster = new Uint8Array(new SharedArrayBuffer(width * height * 3))
  for (let from = 0, to = 0; to < raster.length; from += channels, to += 3) {
    for (let c = 0; c < 3; c++) raster[to + c] = Math.max(0, Math.min(255, ((data[from + c] - low) * 255) / range))
  }
  return { width, height, data: raster }
}

/** The first value from an end beyond the outliers there. */
function bound(counts: Uint32Array, outliers: number, from: number, step: 1 | -1): number {
  let value = from
  for (let seen = counts[value]; seen <= outliers; seen += counts[value]) value += step
  return value
}
