/** What the pool and its children say to each other. */

import type { EngineParameters } from '@obscura/contract/parameters'
import type { ProfileName } from './detect/detect.js'
import type { Device } from './detect/session.js'
import type { Output } from './engine.js'
import type { EngineErrorCode } from './errors.js'
import type { MaskLayout } from './masks/masks.js'
import type { Limits } from './options.js'

/** Handed to a child as its one argument, in JSON. */
export interface ChildSettings {
  modelsFolder: string
  profile: ProfileName
  device: Device
  /** Threads that an image may have when it is alone. */
  threads: number
  maximumPixels: number
  reversible: boolean
  lossless: boolean
  strict: boolean
  maskLayout?: MaskLayout
}

/** One image to work on. */
export interface Request {
  image: Uint8Array
  parameters: EngineParameters
  /** No other image needs the cores: it may have a second thread for detection, unless it is too large for that. */
  isLone: boolean
}

/** What went wrong; `isUnfit`: with the child, not with the image. */
export interface ReplyError {
  code: EngineErrorCode
  message: string
  isUnfit?: boolean
  /** The limit that the image would have needed more of. */
  limit?: keyof Limits
}

/** A child's answer to a request; `spent`: what it holds of earlier images leaves no room for this one, which a new child can do. */
export type Reply = { output: Output } | { error: ReplyError } | 'spent'
