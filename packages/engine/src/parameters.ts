/**
 * Parameters of the engine. Keys, meanings and defaults are those of the v2 API, so that task
 * parameters pass through unchanged; the engine does not depend on HTTP.
 */

/** The four classes of objects, in the order in which tables and masks list them. */
export const CLASSES = ['face', 'person', 'license_plate', 'vehicle'] as const
export type ObjectClass = (typeof CLASSES)[number]

/** `detect` leaves the pixels unchanged and returns only masks and detections. */
export type Method = 'blur' | 'pixelate' | 'blacken' | 'detect'

/** An area in pixels of the upright image in which nothing is anonymized. */
export interface IgnoreArea {
  topLeftX: number
  topLeftY: number
  width: number
  height: number
}

/**
 * A custom tiling grid: `number` tiles across and down, `overlap` as the fraction 0..1 of a tile
 * that overlaps its neighbour.
 */
export interface Grid {
  number: [x: number, y: number]
  overlap: [x: number, y: number]
}

export interface Parameters {
  anonymization_method: Method
  face: boolean
  person: boolean
  license_plate: boolean
  vehicle: boolean
  /** `whole`, a panorama preset such as `pano:8000`, or a custom grid. */
  format: string | Grid
  /** Anonymize each detection's rectangle rather than its outline. */
  bbox: boolean
  ignores: IgnoreArea[]
  /** Draw boxes and masks on the anonymized image; `score` adds the scores. */
  debug: boolean
  score: boolean
  binary_segmentation_mask: boolean
  instance_segmentation_mask: boolean
  /** Size of the masks in percent of the image, 0..100. */
  mask_scale: number
  /** JPEG quality 0..100. */
  quality: number
  /** PNG compression level 0..9. */
  compress_level: number
  /** Kernel sizes: up to 1, a fraction of the longer side of the box; above 1, pixels. */
  kernel_size_face: number
  kernel_size_person: number
  kernel_size_license_plate: number
  kernel_size_vehicle: number
  /**
   * Gradients: blur starts at a box (1 + start) times as large and is full inside (1 - stop) times
   * the box; start >= 0, 0 <= stop < 1.
   */
  face_anonymization_gradient_start: number
  face_anonymization_gradient_stop: number
  license_plate_anonymization_gradient_start: number
  license_plate_anonymization_gradient_stop: number
  /** Minimum score 0..1 of a detection. */
  face_threshold: number
  person_threshold: number
  license_plate_threshold: number
  vehicle_threshold: number
}

/** The v2 API's defaults, with all four classes off: the caller chooses. */
export const DEFAULT_PARAMETERS: Parameters = {
  anonymization_method: 'blur',
  face: false,
  person: false,
  license_plate: false,
  vehicle: false,
  format: 'whole',
  bbox: false,
  ignores: [],
  debug: false,
  score: false,
  binary_segmentation_mask: false,
  instance_segmentation_mask: false,
  mask_scale: 100,
  quality: 90,
  compress_level: 5,
  kernel_size_face: 0.35,
  kernel_size_person: 91,
  kernel_size_license_plate: 0.5,
  kernel_size_vehicle: 61,
  face_anonymization_gradient_start: 0.3,
  face_anonymization_gradient_stop: 0,
  license_plate_anonymization_gradient_start: 0.3,
  license_plate_anonymization_gradient_stop: 0,
  face_threshold: 0.5,
  person_threshold: 0.4,
  license_plate_threshold: 0.5,
  vehicle_threshold: 0.4,
}
