import type { ProfileName } from './detect/detect.js'
import type { Device } from './detect/session.js'
import type { MaskLayout } from './masks/masks.js'
import type { SandboxMode } from './sandbox/sandbox.js'

/** What one image may cost before it is refused or given up. */
export interface Limits {
  /** Pixels (width x height); more is IMAGE_DEFECT. */
  pixels: number
  /** Milliseconds of work; more is INTERNAL_ERROR. */
  time: number
  /** Bytes of memory its child process may hold (resident set size, watched on Linux only); more is INTERNAL_ERROR. */
  memory: number
}

/** 16384 x 8192, the largest panorama in common use, is 134 megapixels. */
export const DEFAULT_LIMITS: Limits = { pixels: 16384 * 8192, time: 10 * 60_000, memory: 4 * 1024 ** 3 }

export interface EngineOptions {
  /** The folder that holds `manifests/`. */
  modelsFolder: string
  /** Default: `standard`. */
  profile?: ProfileName
  /** What the networks run on. Default: `cpu`. */
  device?: Device
  /** Child processes; each works on one image at a time and holds up to 900 MB, 1.1 GB after lone images. Default: one a usable core. */
  children?: number
  /** Threads of an image that is alone; among others it has half of them. Default: as many as there are usable cores, four at most. */
  threads?: number
  limits?: Partial<Limits>
  /** Switches off what makes blur and pixelate irreversible. */
  reversible?: boolean
  /**
   * Keeps every coefficient of a JPEG but those of the blocks that are painted on, at the quality that the file has. A JPEG of a rare kind,
   * and one that is damaged or has to be turned upright, is encoded anew (see Output.encodedAnew); so is every image with the debug overlay.
   */
  lossless?: boolean
  /** Refuses damaged and truncated images (IMAGE_DEFECT) instead of processing them with a warning. */
  strict?: boolean
  /** Layout of instance masks; default: the newest. */
  maskLayout?: MaskLayout
  /** Whether children run in a sandbox of the operating system. Default: `auto`, the best one that works here. */
  sandbox?: SandboxMode
  /** Milliseconds after which a child without work is ended, which gives its memory back. Default: five minutes. */
  idleTime?: number
  /** The program of a child. Default: the engine's own. */
  childModule?: URL
}
