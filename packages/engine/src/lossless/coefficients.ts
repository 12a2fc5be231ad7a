/** A JPEG image as its quantized DCT coefficients: the form that can be rewritten without loss. */

/**
 * The file cannot be changed without loss: its format is not supported, or it is damaged. The
 * message says why, as the end of a sentence.
 */
export class NotLosslessError extends Error {
  override readonly name = 'NotLosslessError'
}

/** The image data itself is damaged. */
export class DamagedDataError extends NotLosslessError {}

/** The blocks of one colour component. */
export interface Component {
  /** Blocks of this component in an MCU, across and down. */
  h: number
  v: number
  /** The grid of blocks as stored: whole MCUs. */
  columns: number
  rows: number
  /** The blocks that the image covers; those beyond are never shown. */
  usedColumns: number
  usedRows: number
  /** 64 divisors in zigzag order. */
  quantizers: Uint16Array
  /**
   * rows x columns x 64, each block in zigzag order; or only 64, when a file is only checked for
   * damage.
   */
  blocks: Int16Array
}

/** All coefficients of an image; its colours are YCbCr, or gray with one component. */
export interface Coefficients {
  /** In px. */
  width: number
  height: number
  /** Size of an MCU (the smallest unit in which components of different resolution meet) in px. */
  mcuWidth: number
  mcuHeight: number
  components: Component[]
}

/**
 * Natural (row by row) index of the coefficient at each place of the zigzag. (ITU-T T.81, figure 5)
 */
export const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  ...[
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62,
    63,
  ],
)
