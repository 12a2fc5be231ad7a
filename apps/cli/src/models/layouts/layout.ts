import type { Preprocessing } from './inputs.js'
import type { Signature } from './signature.js'

/** The parts of a manifest that follow from how a network is built. */
export interface Parts {
  preprocessing: Preprocessing
  /** Inputs besides the image. */
  further?: Record<string, { type: 'float32' | 'int64'; values: 'width, height' | 'height, width' | 'ones' }>
  decoder: { type: string } & Record<string, unknown>
  /** Inner values that become the outputs, so that the network takes images of any size. */
  cut?: readonly string[]
  /** The classes that such a network most often has. */
  classes: 'coco80' | 'coco91' | 'face'
  /** Absent: it gives no duplicates. */
  nms?: { iou: number }
}

/** How well the tensors of a file fit. */
export type Fit = 'certain' | 'likely' | 'possible'

/** A way in which detectors give what they found. */
export interface Layout {
  /** The networks that have it. */
  title: string
  /** What the tensors of a file cannot tell, and what is assumed. */
  assumes: string
  /** @returns undefined when the tensors do not fit */
  read(signature: Signature): { fit: Fit; parts: Parts } | undefined
}
