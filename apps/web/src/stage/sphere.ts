/** The library of the 360-degree view; a file of its own, loaded when somebody looks around. */
import { Viewer } from '@photo-sphere-viewer/core'
import '@photo-sphere-viewer/core/index.css'

export interface Sphere {
  /** Turns by radians: to the right, and up. */
  turn(right: number, up: number): void
  /** By steps of a hundredth of the range. */
  zoom(steps: number): void
  close(): void
}

/** Shows a panorama of the whole sphere in an element. @throws when the browser has no WebGL */
export async function openSphere(container: HTMLElement, file: Blob): Promise<Sphere> {
  const url = URL.createObjectURL(file)
  const viewer = new Viewer({ container, panorama: url, navbar: false, keyboard: false, loadingImg: '', loadingTxt: '' })
  const close = () => {
    viewer.destroy()
    URL.revokeObjectURL(url)
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
    zoom: steps => viewer.zoom(viewer.getZoomLevel() + steps),
    close,
  }
}
