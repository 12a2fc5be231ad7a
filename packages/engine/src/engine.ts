import type { EngineParameters, StoredRegion } from '@obscura/contract/parameters'
import type { Precision } from './detect/precision.js'
import type { Device } from './detect/session.js'
import type { Detection } from './detection.js'
import type { Format } from './image.js'

/**
 * A reported detection: `anonymised` is false if an ignore area covers it entirely or nothing was
 * rendered.
 */
export interface ReportedDetection extends Detection {
  /** Of a region that was stored; otherwise its place in the list is its ID. */
  id?: number
  anonymised: boolean
}

/** A network, identified by its file. */
export interface ModelUse {
  name: string
  /** SHA-256 of the ONNX file, 64 hex digits. */
  sha256: string
  /** How it computes. */
  precision: Precision
}

/** Duration of each step in milliseconds, by name. */
export type Timings = Record<string, number>

/** The result for one image. */
export interface Output {
  /** The encoded image, in the input's format; with method `detect` it is absent. */
  image?: Uint8Array
  format: Format
  /** Size of the upright image in pixels. */
  width: number
  height: number
  detections: ReportedDetection[]
  /**
   * Why a JPEG was fully re-encoded although lossless mode was requested: the end of a sentence,
   * "it ...".
   */
  reencodeReason?: string
  /**
   * Problems that did not make the image fail, in sentences for users: damaged data, metadata that
   * could not be copied.
   */
  warnings: string[]
  /**
   * The detections with their pixels, to be stored for {@link Engine.render}: a list of
   * StoredRegion as JSON. Absent when that was the source.
   */
  regions?: Uint8Array
  /** A small JPEG of the anonymized image, when requested and there is one. */
  preview?: Uint8Array
  /** PNG, when requested. */
  binaryMask?: Uint8Array
  /** PNG, when requested. */
  instanceMask?: Uint8Array
  /** The device that ran the networks: the CPU if the requested device cannot be used. */
  device: Device
  /** The networks that looked for the requested classes; none where known regions were rendered. */
  models: ModelUse[]
  timings: Timings
}

/** Options of one image. */
export interface CallOptions {
  signal?: AbortSignal
  /** A PNG or JPEG file for areas with the method `logo`; not trusted. */
  logo?: Uint8Array
}

/** What was found when an image was first processed. */
export interface Known {
  regions: readonly StoredRegion[]
  /** It gave no warning: nobody need look for damage again. */
  isSound: boolean
}

/**
 * Anonymizes images in child processes, so that it neither blocks nor endangers the caller's
 * process.
 */
export interface Engine {
  /**
   * Anonymizes one encoded image (JPEG or PNG). Calls queue when all children are busy.
   * @throws EngineError with the failure's cause; a crash, hang or memory overrun of a child ends
   * as INTERNAL_ERROR of that image alone. SandboxError where a sandbox is required and there is
   * none
   */
  anonymize(image: Uint8Array, parameters: EngineParameters, options?: CallOptions): Promise<Output>
  /**
   * Renders one encoded image with what is known of it: without inference, and without waiting for
   * calls of `anonymize`.
   * @throws as `anonymize`
   */
  render(image: Uint8Array, known: Known, parameters: EngineParameters, options?: CallOptions): Promise<Output>
  /** Ends the children; images in progress are rejected. */
  close(): Promise<void>
}
