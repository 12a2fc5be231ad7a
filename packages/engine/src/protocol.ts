/** Messages between the pool and its children. */

import type { EngineParameters } from '@obscura/contract/parameters'
import type { Precision } from './detect/precision.js'
import type { Device } from './detect/session.js'
import type { Known, Output } from './engine.js'
import type { EngineErrorCode } from './errors.js'
import type { MaskLayout } from './masks/masks.js'
import type { Limits } from './options.js'

/** The only argument of a child, as JSON. */
export interface ChildSettings {
  modelsFolder: string
  ownModels?: string
  profile: string
  device: Device
  precision: Precision
  /** Threads for an image that is processed alone. */
  threads: number
  maximumPixels: number
  reversible: boolean
  lossless: boolean
  strict: boolean
  heads: boolean
  maskLayout?: MaskLayout
  preview: boolean
}

/** What is to be done with an image. */
export interface Work {
  image: Uint8Array
  parameters: EngineParameters
  /** Render this instead of detecting anything. */
  known?: Known
  /** The file for areas with the method `logo`. */
  logo?: Uint8Array
}

/** One image to work on. */
export interface Request extends Work {
  /**
   * No other image is in progress: detection may use a second thread, unless the image is too
   * large.
   */
  isOnlyJob: boolean
}

/** What went wrong; `isUnfit`: with the child, not with the image. */
export interface ReplyError {
  code: EngineErrorCode
  message: string
  isUnfit?: boolean
  /** The limit that the image exceeded. */
  limit?: keyof Limits
}

/**
 * A child's reply to a request; `spent`: memory held from earlier images leaves too little for
 * this one, which a new child can process.
 */
export type Reply = { output: Output } | { error: ReplyError } | 'spent'
