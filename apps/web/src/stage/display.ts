/** How the viewer shows an image. */
export interface Display {
  /** The original lies left of a border. */
  isComparing: boolean
  /** The original is shown instead, while a key or button is held. */
  isOriginal: boolean
  hasRegions: boolean
  /** A panorama is seen from its middle. */
  isSphere: boolean
}
