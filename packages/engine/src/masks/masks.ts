import type { Region } from '../detection.js'
import type { Size } from '../geometry.js'

/** How the instance mask's colours are laid out, by the vendor's release that wrote it so. */
export type MaskLayout = 'v26.02.1' | 'pre-v26.02.1' | 'oldest'

export interface MaskOptions {
  /** Size in percent of the image. */
  scale: number
  layout?: MaskLayout
}

/** PNG, white where an image of this size is anonymized, black elsewhere. */
export async function binaryMask(_size: Size, _regions: readonly Region[], _scale: number): Promise<Uint8Array> {
  return new Uint8Array()
}

/** PNG whose colours tell instance and class of each anonymized pixel. */
export async function instanceMask(_size: Size, _regions: readonly Region[], _options: MaskOptions): Promise<Uint8Array> {
  return new Uint8Array()
}
