import type { Nets } from './detect/detect.js'
import type { Output } from './engine.js'
import type { Parameters } from './parameters.js'

/** What the pipeline needs beside the image. */
export interface Tools {
  /** The loaded networks; called only when something is to be found. */
  nets: () => Promise<Nets>
  /** The largest image accepted, in pixels (width x height). */
  maximumPixels: number
}

/**
 * Anonymizes one encoded image (JPEG or PNG) in this process: probe, decode, plan, detect, merge, segment, render, encode.
 * @throws EngineError IMAGE_DEFECT, CONTENT_TYPE_ERROR or PARAMETER_ERROR_FORMAT when the image or its format does not fit
 */
export async function anonymizeImage(_bytes: Uint8Array, _parameters: Parameters, _tools: Tools): Promise<Output> {
  throw new Error('not built yet')
}
