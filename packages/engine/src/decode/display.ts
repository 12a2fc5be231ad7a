/**
 * What viewers show where that differs from the samples as they are stored: by gamma, and through
 * alpha.
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
