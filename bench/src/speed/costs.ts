/** What one image cost, measured in one process; see costs-process.ts. */

/**
 * CPU time in milliseconds, which a busy machine changes less than elapsed time.
 */
export interface Costs {
  /** By stage: decode, inference, search (the rest of detection), segment, render, encode. */
  stages: Record<string, number>
  /** Inference of each network, with its runs and the megapixels of its inputs. */
  networks: Record<string, { runs: number; megapixels: number; cpu: number }>
  /** sharp's bare decode and encode of the same file. */
  codecFloor: number
  /** The same inferences back to back on ready tensors. */
  inferenceFloor: number
  detections: number
}

/** The file that is measured. */
export interface MeasuredImage {
  file: string
  /** A panorama of the whole sphere. */
  sphere: boolean
}

/** What the process is asked: with floors or without, which need as long again. */
export interface CostsRequest extends MeasuredImage {
  floors: boolean
}

/** The stages in the order in which they run. */
export const STAGES = ['decode', 'inference', 'search', 'segment', 'render', 'encode'] as const
