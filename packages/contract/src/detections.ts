import type { ObjectClass } from './parameters/parameters.js'

/**
 * Label and type number of each class in metadata. Only face = 103 is documented; the other three
 * are ours, so clients should rely on the label.
 */
export const DETECTION_TYPES: Readonly<Record<ObjectClass, { type: number; label: string }>> = {
  person: { type: 100, label: 'person' },
  vehicle: { type: 101, label: 'vehicle' },
  license_plate: { type: 102, label: 'license-plate' },
  face: { type: 103, label: 'face' },
}

/** A detection as stored with its task. */
export interface StoredDetection {
  /** Of a corrected task; otherwise the place in the list is the ID. */
  id?: number
  class: ObjectClass
  /** 0..1 */
  score: number
  /** Left, top, right, bottom in pixels of the upright image. */
  box: readonly [number, number, number, number]
  /** False inside an ignore area, and for method `detect`. */
  anonymised: boolean
}

/** A detection as GET /v2/task/{id}/metadata lists it. */
export interface MetadataDetection {
  score: number
  offset: [number, number]
  color: null
  bbox: [number, number, number, number]
  parent_image: ''
  id: number
  type_label: string
  type: number
  is_anonymised: boolean
}

/** The detections of a task for the metadata body; IDs count from 0, and stay when a correction
 * removes some. */
export function metadataDetections(detections: readonly StoredDetection[]): MetadataDetection[] {
  return detections.map(({ id, class: name, score, box, anonymised }, index) => ({
    score,
    offset: [box[0], box[1]],
    color: null,
    bbox: [...box],
    parent_image: '',
    id: id ?? index,
    type_label: DETECTION_TYPES[name].label,
    type: DETECTION_TYPES[name].type,
    is_anonymised: anonymised,
  }))
}
