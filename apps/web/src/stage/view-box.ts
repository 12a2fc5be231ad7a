/** The part of an image that a stage shows: the image is scaled, then moved by x, y pixels. */
export interface ViewBox {
  scale: number
  x: number
  y: number
}

/** In pixels. */
export interface Size {
  width: number
  height: number
}

const MAX_SCALE = 16

/** The whole image in the middle of the stage. */
export function fitted(image: Size, stage: Size): ViewBox {
  const scale = Math.min(stage.width / image.width, stage.height / image.height, 1)
  return { scale, x: (stage.width - image.width * scale) / 2, y: (stage.height - image.height * scale) / 2 }
}

/** Zooms by a factor around a point of the stage; never smaller than the whole image. */
export function zoomed(view: ViewBox, factor: number, at: { x: number; y: number }, image: Size, stage: Size): ViewBox {
  const least = fitted(image, stage).scale
  const scale = Math.min(MAX_SCALE, Math.max(least, view.scale * factor))
  const moved = (corner: number, point: number) => point - ((point - corner) * scale) / view.scale
  return bounded({ scale, x: moved(view.x, at.x), y: moved(view.y, at.y) }, image, stage)
}

/** Keeps the image in the stage: centred where it is smaller, without a gap where it is larger. */
export function bounded(view: ViewBox, image: Size, stage: Size): ViewBox {
  const within = (corner: number, length: number, room: number) =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, corner))
  return {
    scale: view.scale,
    x: within(view.x, image.width * view.scale, stage.width),
    y: within(view.y, image.height * view.scale, stage.height),
  }
}

/** Smaller ones are not enlarged as far: what is around them says what they are. In pixels. */
const LEAST_SIDE = 40

/** A box of the image, with a margin of its own size, in the middle of the stage. */
export function around([left, top, right, bottom]: readonly number[], image: Size, stage: Size): ViewBox {
  const width = Math.max(right - left, LEAST_SIDE)
  const height = Math.max(bottom - top, LEAST_SIDE)
  const least = fitted(image, stage).scale
  const scale = Math.min(MAX_SCALE, Math.max(least, Math.min(stage.width / (width * 3), stage.height / (height * 3))))
  const middle = (from: number, to: number, room: number) => room / 2 - ((from + to) / 2) * scale
  return bounded({ scale, x: middle(left, right, stage.width), y: middle(top, bottom, stage.height) }, image, stage)
}
