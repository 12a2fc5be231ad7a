/** The library of the 360-degree view; a file of its own, loaded when somebody looks around. */
import { Viewer } from '@photo-sphere-viewer/core'
import '@photo-sphere-viewer/core/index.css'
import { MarkersPlugin } from '@photo-sphere-viewer/markers-plugin'
import '@photo-sphere-viewer/markers-plugin/index.css'

/** A line around something, with its CSS classes; points in pixels of the panorama. */
export interface Outline {
  className: string
  points: [number, number][]
}

/** Where one looks: radians, and 0..100. */
export interface Direction {
  yaw: number
  pitch: number
  zoom: number
}

/** The 360-degree view, shown. */
export interface Sphere {
  /** Turns by radians: to the right, and up. */
  turn(right: number, up: number): void
  /** By steps of a hundredth of the range. */
  zoom(steps: number): void
  /** Draws outlines, instead of those before. */
  outline(outlines: readonly Outline[]): void
  /** @returns where one looked last */
  close(): Direction
}

/**
 * Shows a panorama of the whole sphere in an element.
 * @param from undefined: to the middle of the panorama
 * @throws when the browser has no WebGL
 */
export async function openSphere(container: HTMLElement, file: Blob, from: Direction | undefined): Promise<Sphere> {
  const url = URL.createObjectURL(file)
  const viewer = new Viewer({
    ...{ container, panorama: url, plugins: [MarkersPlugin] },
    ...(from && { defaultYaw: from.yaw, defaultPitch: from.pitch, defaultZoomLvl: from.zoom }),
    ...{ navbar: false, keyboard: false, loadingImg: '', loadingTxt: '' },
  })
  const markers = viewer.getPlugin<MarkersPlugin>(MarkersPlugin)
  const close = () => {
    const last = { ...viewer.getPosition(), zoom: viewer.getZoomLevel() }
    viewer.destroy()
    URL.revokeObjectURL(url)
    return last
  }
  try {
    await new Promise<void>((resolve, reject) => {
      viewer.addEventListener('ready', () => resolve(), { once: true })
      viewer.addEventListener('panorama-error', ({ error }) => reject(error), { once: true })
    })
  } catch (error) {
    close()
    throw error
  }
  return {
    turn(right, up) {
      const { yaw, pitch } = viewer.getPosition()
      viewer.rotate({ yaw: yaw + right, pitch: pitch + up })
    },
    outline: outlines =>
      markers.setMarkers(outlines.map(({ className, points }, i) => ({ id: String(i), className, polygonPixels: points }))),
    zoom: steps => viewer.zoom(viewer.getZoomLevel() + steps),
    close,
  }
}
