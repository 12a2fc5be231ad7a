import type { Region } from '../detection.js'
import type { Pixels } from '../image.js'

/** Draws masks and boxes of the regions on the (anonymized) image in place; `score` adds the scores. */
export function drawOverlay(_pixels: Pixels, _regions: readonly Region[], _options: { score: boolean }): void {}
