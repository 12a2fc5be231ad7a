/** An image of the customer's over the pole of a panorama, instead of a blur. */
import type { Area, PoleArea } from '@obscura/contract/parameters'
import sharp from 'sharp'
import type { Pixels } from '../image.js'
import { probe } from '../probe/probe.js'
import { areaRegion, isAtPole } from './areas.js'

/** Pixels of the largest logo: more than one shows at 45 degrees in an image 16,384 px wide. */
const MAX_PIXELS = 36e6

const NO_LOGO = 'The areas with a logo were blurred, because there is no logo: PUT /v2/logo, or --logo.'
const UNUSABLE = 'The areas with a logo were blurred, because the logo cannot be read: it must be a PNG or JPEG file.'

const showsLogo = (area: Area): area is PoleArea => isAtPole(area) && area.method === 'logo'

/**
 * Draws the logo over the areas at the poles that ask for it, which are blurred already: whatever
 * its transparency lets through is anonymized. Its longer side is the diameter of the area. Upright
 * is what somebody sees who looks ahead, to the middle of the panorama, and then down or up.
 * @param file not trusted: one that cannot be read changes nothing
 * @returns warnings, in sentences for users
 */
export async function drawLogos(
  pixels: Pixels,
  areas: readonly Area[],
  file: Uint8Array | undefined,
  { isSphere, isGray }: { isSphere: boolean; isGray: boolean },
): Promise<string[]> {
  const wanted = isSphere ? areas.filter(showsLogo) : []
  if (wanted.length === 0) return []
  if (!file) return [NO_LOGO]
  try {
    for (const area of wanted) await drawLogo(pixels, area, file, isGray)
    return []
  } catch {
    return [UNUSABLE]
  }
}

async function drawLogo(pixels: Pixels, area: PoleArea, file: Uint8Array, isGray: boolean): Promise<void> {
  const { seen, mask } = areaRegion(area, pixels)
  const radius = seen!.box[2]
  const logo = await squareOf(file, Math.max(1, Math.ceil(2 * radius)), isGray)
  const us = new Float64Array(pixels.width)
  const vs = new Float64Array(pixels.width)
  for (let y = mask.top; y < mask.bottom; y++) {
    seen!.projection.rowToView(y, 0, us, vs)
    // The view has the left edge of the image above; ahead is the middle.
    for (let x = 0; x < us.length; x++) blend(pixels, y * pixels.width + x, logo, radius - us[x], radius - vs[x])
  }
}

/** Premultiplied RGBA bytes, side x side, with one transparent pixel around them. */
interface Square {
  data: Buffer
  side: number
}

/** The logo in the middle of a transparent square. */
async function squareOf(file: Uint8Array, side: number, isGray: boolean): Promise<Square> {
  const { width, height } = probe(file, { maximumPixels: MAX_PIXELS, format: 'whole' })
  const upright = await sharp(file, { limitInputPixels: width * height })
    .rotate()
    .toColourspace('srgb')
    .ensureAlpha()
    .toBuffer()
  const background = { r: 0, g: 0, b: 0, alpha: 0 }
  const fitted = await sharp(upright).resize(side, side, { fit: 'contain', background }).grayscale(isGray).toBuffer()
  const data = await sharp(fitted)
    .extend({ ...{ top: 1, bottom: 1, left: 1, right: 1 }, background })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) data[i + c] = Math.round((data[i + c] * data[i + 3]) / 255)
  return { data, side }
}

/** Blends the logo's colour at (u, v), bilinearly, over a pixel. */
function blend({ data, channels }: Pixels, pixel: number, { data: logo, side }: Square, u: number, v: number): void {
  const across = Math.min(side, Math.max(0, u + 0.5))
  const down = Math.min(side, Math.max(0, v + 0.5))
  const s = across - Math.floor(across)
  const t = down - Math.floor(down)
  const a = 4 * (Math.floor(down) * (side + 2) + Math.floor(across))
  const b = a + 4 * (side + 2)
  const at = (c: number) =>
    (1 - t) * ((1 - s) * logo[a + c] + s * logo[a + 4 + c]) + t * ((1 - s) * logo[b + c] + s * logo[b + 4 + c])
  const rest = 1 - at(3) / 255
  const scale = data instanceof Uint16Array ? 257 : 1
  for (let c = 0; c < 3; c++) data[pixel * channels + c] = Math.round(scale * at(c) + rest * data[pixel * channels + c])
}
