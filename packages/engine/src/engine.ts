import type { EngineParameters } from '@obscura/contract/parameters'
import type { Device } from './detect/session.js'
import type { Detection } from './detection.js'
import type { Format } from './image.js'

/** A detection as it is reported: `anonymised` is false where an ignore area covers it wholly, or nothing was rendered. */
export interface ReportedDetection extends Detection {
  anonymised: boolean
}

/** Milliseconds spent in each step, by the step's name. */
export type Timings = Record<string, number>

/** What comes out of one image. */
export interface Output {
  /** The encoded image, in the input's format; with method `detect` it is absent. */
  image?: Uint8Array
  format: Format
  /** Size of the upright image in pixels. */
  width: number
  height: number
  detections: ReportedDetection[]
  /** Why a JPEG was encoded as a whole although the engine was asked to change it without loss: the end of a sentence, "it ...". */
  encodedAnew?: string
  /**
   * Problems that did not stop the image, in sentences for users: damaged data, metadata that
   * could not be kept.
   */
  warnings: string[]
  /** PNG, when asked for. */
  binaryMask?: Uint8Array
  /** PNG, when asked for. */
  instanceMask?: Uint8Array
  /** What the networks ran on: the processor where another device was asked for and cannot be used. */
  device: Device
  timings: Timings
}

/** Anonymizes images in child processes: nothing it does blocks or endangers the caller's process. */
export interface Engine {
  /**
   * Anonymizes one encoded image (JPEG or PNG). Calls queue when all children are busy.
   * @throws EngineError with the failure's cause; a crash, hang or memory overrun of a child ends as INTERNAL_ERROR of that image alone.
   * SandboxError where a sandbox is required and there is none
   */
  anonymize(image: Uint8Array, parameters: EngineParameters, options?: { signal?: AbortSignal }): Promise<Output>
  /** Ends the children; images under way are rejected. */
  close(): Promise<void>
}
