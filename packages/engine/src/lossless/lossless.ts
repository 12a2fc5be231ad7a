/** Rewrites a JPEG with only the painted units changed: all other coefficients are kept. */
import sharp from 'sharp'
import type { Header, Pixels } from '../image.js'
import { type Metadata, writeMetadata } from '../metadata/metadata.js'
import { replaceMcu } from './blocks.js'
import { type Coefficients, NotLosslessError } from './coefficients.js'
import type { PaintedBlocks } from './painted.js'
import { readCoefficients } from './read.js'
import { writeCoefficients } from './write.js'

/**
 * Encodes an anonymized JPEG at its own quality: painted MCUs are encoded from the pixels, the
 * others keep their coefficients. Like any output it contains nothing else of the source file. It
 * is decoded and compared with the pixels before it is returned.
 * @param source the file that the pixels were decoded from
 * @throws NotLosslessError when the source cannot be changed without loss
 */
export async function encodeLossless(
  source: Uint8Array,
  { orientation }: Header,
  pixels: Pixels,
  painted: PaintedBlocks,
  metadata: Metadata,
): Promise<Uint8Array> {
  if (orientation !== 1) throw new NotLosslessError('it has to be rotated upright')
  const image = readCoefficients(source)
  clearUnused(image)
  const isPainted = paintedMcus(image, painted)
  for (let row = 0; row * image.mcuHeight < image.height; row++) {
    for (let column = 0; column * image.mcuWidth < image.width; column++) {
      if (isPainted(column, row)) replaceMcu(image, pixels, column, row)
    }
  }
  const written = writeCoefficients(image)
  await compare(written, pixels, image, isPainted)
  return writeMetadata(written, 'jpeg', metadata)
}

type IsPainted = (column: number, row: number) => boolean

function paintedMcus({ mcuWidth, mcuHeight }: Coefficients, painted: PaintedBlocks): IsPainted {
  return (column, row) => painted.any(column * mcuWidth, row * mcuHeight, (column + 1) * mcuWidth, (row + 1) * mcuHeight)
}

/**
 * Whole blocks beyond the image's edge are never shown, but a cropped photo may hide something
 * there: they are flattened.
 */
function clearUnused({ components }: Coefficients): void {
  for (const { columns, rows, usedColumns, usedRows, blocks } of components) {
    for (let row = 0; row < rows; row++) {
      for (let column = row < usedRows ? usedColumns : 0; column < columns; column++) {
        const block = 64 * (row * columns + column)
        const before = column > 0 ? block - 64 : block - 64 * columns
        blocks.fill(0, block, block + 64)
        blocks[block] = blocks[before]
      }
    }
  }
}

/** Maximum number of pixels decoded at once for the comparison. */
const BAND_PIXELS = 16e6

/**
 * Verifies that the written file shows the pixels that were searched: if our decoder differed from
 * libjpeg, objects could be in other places than detected. The colours of an MCU reach one pixel
 * into its neighbours, so these are excluded.
 * @throws NotLosslessError when any other pixel differs
 */
async function compare(written: Uint8Array, pixels: Pixels, image: Coefficients, isPainted: IsPainted): Promise<void> {
  const { width, height, mcuWidth, mcuHeight } = image
  const mcusInBand = Math.max(1, Math.floor(BAND_PIXELS / width / mcuHeight))
  const shown = Buffer.from(pixels.data.buffer, pixels.data.byteOffset, pixels.data.byteLength)
  for (let first = 0; first * mcuHeight < height; first += mcusInBand) {
    const top = first * mcuHeight
    const bottom = Math.min(height, top + mcusInBand * mcuHeight)
    const band = await decodeRows(written, width, top, bottom)
    for (let row = first; row * mcuHeight < bottom; row++) {
      for (const [from, to] of runsOfUntouched(row, Math.ceil(width / mcuWidth), isPainted)) {
        const end = Math.min(width, to * mcuWidth)
        for (let y = row * mcuHeight; y < Math.min(bottom, (row + 1) * mcuHeight); y++) {
          const start = 3 * (y * width + from * mcuWidth)
          const stop = 3 * (y * width + end)
          const offset = 3 * top * width
          if (shown.compare(band, start - offset, stop - offset, start, stop) !== 0) {
            throw new NotLosslessError('it is decoded in more than one way')
          }
        }
      }
    }
  }
}

/** Runs of MCUs in a row that are neither painted nor next to a painted one. */
function* runsOfUntouched(row: number, columns: number, isPainted: IsPainted): Generator<[from: number, to: number]> {
  const marks = Array.from({ length: columns }, (_, column) => [row - 1, row, row + 1].some(near => isPainted(column, near)))
  let from = 0
  for (let column = 0; column <= columns; column++) {
    if (column < columns && !marks[column - 1] && !marks[column] && !marks[column + 1]) continue
    if (from < column) yield [from, column]
    from = column + 1
  }
}

/** RGB rows top..bottom of a JPEG. */
function decodeRows(file: Uint8Array, width: number, top: number, bottom: number): Promise<Buffer> {
  return sharp(file, { failOn: 'warning', limitInputPixels: false })
    .extract({ left: 0, top, width, height: bottom - top })
    .toColourspace('srgb')
    .raw()
    .toBuffer()
}
