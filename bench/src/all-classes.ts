import { DEFAULT_PARAMETERS, type EngineParameters } from '@obscura/engine'

/** The API's default parameters with all four classes. */
export const ALL_CLASSES: EngineParameters = {
  ...DEFAULT_PARAMETERS,
  face: true,
  person: true,
  license_plate: true,
  vehicle: true,
}
