import * as finished from './finished.js'
import * as grids from './grids.js'
import type { Fit, Layout, Parts } from './layout.js'
import type { Signature } from './signature.js'

/** Every layout by its name on the command line, the most distinctive first. */
export const LAYOUTS: Readonly<Record<string, Layout>> = {
  yunet: grids.yunet,
  'detr-sizes': finished.detrWithSizes,
  detr: finished.detr,
  rfdetr: finished.rfdetr,
  mmdeploy: finished.mmdeploy,
  paddle: finished.paddle,
  maskrcnn: finished.maskrcnn,
  scrfd: grids.scrfd,
  retinaface: grids.retinaface,
  centerface: grids.centerface,
  yolox: grids.yolox,
  nanodet: grids.nanodet,
  'nanodet-plus': grids.nanodetPlus,
  yolov8: grids.yolov8,
  'end-to-end': finished.endToEnd,
}

/** A layout that the tensors of a file fit. */
export interface Guess {
  /** A key of {@link LAYOUTS}. */
  name: string
  layout: Layout
  fit: Fit
  parts: Parts
}

const ORDER: readonly Fit[] = ['certain', 'likely', 'possible']

/** The layouts that the tensors of a file fit, the most certain first. */
export function guessLayouts(signature: Signature): Guess[] {
  const guesses = Object.entries(LAYOUTS).flatMap(([name, layout]) => {
    const read = layout.read(signature)
    return read ? [{ name, layout, ...read }] : []
  })
  return guesses.sort((a, b) => ORDER.indexOf(a.fit) - ORDER.indexOf(b.fit))
}
