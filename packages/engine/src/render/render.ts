import type { Region } from '../detection.js'
import type { Pixels } from '../image.js'
import type { Parameters } from '../parameters.js'

export interface RenderOptions {
  /**
   * Switches off what makes blur and pixelate irreversible: blur becomes a plain Gaussian of the kernel size, which can be undone, and the cells
   * of pixelate follow the kernel size alone.
   */
  reversible?: boolean
}

/**
 * Anonymizes the regions in place, by the parameters' method (`detect` does nothing). Nothing outside the regions and their gradients changes,
 * nor any pixel inside an ignore area; alpha is left as it is.
 */
export function render(
  _pixels: Pixels,
  _regions: readonly Region[],
  _parameters: Parameters,
  _options: RenderOptions = {},
): void {}
