import type { PrecisionSetting } from './detect/precision.js'
import type { Device } from './detect/session.js'
import type { MaskLayout } from './masks/masks.js'
import type { SandboxMode } from './sandbox/sandbox.js'

/** Limits of one image. */
export interface Limits {
  /** Pixels (width x height); more is IMAGE_DEFECT. */
  pixels: number
  /** Milliseconds of work; more is INTERNAL_ERROR. */
  time: number
  /**
   * Bytes of memory its child process may hold (resident set size, watched on Linux only); more is
   * INTERNAL_ERROR.
   */
  memory: number
}

/** 16384 x 8192, the largest panorama in common use, is 134 megapixels. */
export const DEFAULT_LIMITS: Limits = { pixels: 16384 * 8192, time: 10 * 60_000, memory: 4 * 1024 ** 3 }

/** Options of an engine. */
export interface EngineOptions {
  /** The folder that holds `manifests/`. */
  modelsFolder: string
  /**
   * A folder of one's own with `manifests/` and `profiles/`, which add to the built-in ones or
   * replace those of the same name.
   */
  ownModels?: string
  /** A built-in profile or one of `ownModels`. Default: `standard`. */
  profile?: string
  /** Device that runs the networks. Default: `cpu`. */
  device?: Device
  /** How detectors compute on the CPU. Default: `auto`, the faster way on this processor. */
  precision?: PrecisionSetting
  /**
   * Child processes; each works on one image at a time and holds up to 900 MB, 1.1 GB after lone
   * images. Default: one per usable core.
   */
  children?: number
  /**
   * Threads for an image that is processed alone; otherwise half of them. Default: one per usable
   * core, at most four.
   */
  threads?: number
  /**
   * Children that detect leave the cores to those that render and to the rest of the machine, which
   * somebody waits for. Default: false.
   */
  background?: boolean
  limits?: Partial<Limits>
  /** Disables the steps that make blur and pixelation irreversible. */
  reversible?: boolean
  /**
   * Keeps every coefficient of a JPEG except those of painted blocks, at the quality of the file. A
   * JPEG of an unsupported format, and one that is damaged or has to be rotated upright, is fully
   * re-encoded (see Output.reencodeReason); so is every image with the debug overlay.
   */
  lossless?: boolean
  /**
   * Refuses damaged and truncated images (IMAGE_DEFECT) instead of processing them with a warning.
   */
  strict?: boolean
  /**
   * With class face: searches persons too, judges faces by them, and anonymizes the heads of those
   * without a face. Default: true.
   */
  heads?: boolean
  /** Layout of instance masks; default: the newest. */
  maskLayout?: MaskLayout
  /** Makes a preview of each anonymized image: see Output.preview. */
  preview?: boolean
  /** Whether engine processes run in a sandbox. Default: `auto`, the best one that works here. */
  sandbox?: SandboxMode
  /**
   * Milliseconds after which an idle engine process is ended, which frees its memory. Default: five
   * minutes.
   */
  idleTime?: number
  /** The program of a child. Default: the engine's own. */
  childModule?: URL
}
