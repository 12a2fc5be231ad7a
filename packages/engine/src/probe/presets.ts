import type { Size } from '../geometry.js'

/** The panorama presets of the v2 API and their sizes. */
export const PANORAMA_PRESETS: Record<string, Size> = {
  'pano:4096': { width: 4096, height: 2048 },
  'pano:5400': { width: 5400, height: 2700 },
  'pano:5640': { width: 5640, height: 2816 },
  'pano:7060': { width: 7060, height: 3530 },
  'pano:7680': { width: 7680, height: 3840 },
  'pano:8000': { width: 8000, height: 4000 },
  'pano:8192': { width: 8192, height: 4096 },
  'pano:11000': { width: 11000, height: 5500 },
}

/** Whether a task's format says that the image is a panorama of the whole sphere. */
export function isPanoramaPreset(format: unknown): boolean {
  return typeof format === 'string' && Object.hasOwn(PANORAMA_PRESETS, format)
}
