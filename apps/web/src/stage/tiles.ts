/** Which pieces of an image a stage shows, at the resolution of the screen. */
import type { Box } from '@obscura/contract'
import type { Size, ViewBox } from './view-box.js'

/** A piece that is cut once and drawn where it belongs. */
export interface Tile {
  key: string
  /** In pixels of the image. */
  box: Box
  /** In pixels of the piece. */
  width: number
  height: number
}

/** Width and height of a tile in its own pixels; at the edges they are smaller. */
export const TILE = 512

/**
 * The tiles in view; of level n, each pixel stands for 2^n x 2^n of the image. None where an
 * overview of this width has as many pixels as the screen.
 */
export function tilesInView(image: Size, view: ViewBox, stage: Size, pixelRatio: number, overviewWidth: number): Tile[] {
  const scale = view.scale * pixelRatio
  if (overviewWidth >= Math.min(1, scale) * image.width) return []
  const level = Math.max(0, Math.floor(-Math.log2(scale)))
  const side = TILE * 2 ** level
  const range = (corner: number, room: number, length: number) => {
    const first = Math.max(0, Math.floor(-corner / view.scale / side))
    const last = Math.min(Math.ceil(length / side), Math.ceil((room - corner) / view.scale / side))
    return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
  }
  const columns = range(view.x, stage.width, image.width)
  return range(view.y, stage.height, image.height).flatMap(row =>
    columns.map(column => {
      const [left, top] = [column * side, row * side]
      const box: Box = [left, top, Math.min(image.width, left + side), Math.min(image.height, top + side)]
      const pixels = (from: number, to: number) => Math.max(1, Math.round((to - from) / 2 ** level))
      return { key: `${level}/${column}/${row}`, box, width: pixels(box[0], box[2]), height: pixels(box[1], box[3]) }
    }),
  )
}
