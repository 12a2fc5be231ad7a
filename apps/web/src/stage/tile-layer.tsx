import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { DecodedImage } from './decoded.js'
import { type Tile, tilesInView } from './tiles.js'
import type { Size, ViewBox } from './view-box.js'

interface Props {
  decoded: DecodedImage
  view: ViewBox
  stage: Size
  label: string
  /** In pixels of the stage: what lies right of it is not shown. */
  until?: number
}

/** Tiles that are kept: 64 megabytes, and several times what a stage shows. */
const MAX_TILES = 64

/** An image as far as a stage shows it: at once from its overview, then from tiles. */
export function TileLayer({ decoded, view, stage, label, until }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const tiles = useTiles(decoded)
  const wanted = tilesInView(decoded.size, view, stage, devicePixelRatio, decoded.overview.width)
  useEffect(() => tiles.want(wanted))
  useLayoutEffect(() => {
    const { width, height } = decoded.size
    const element = canvas.current!
    const pixels = { width: Math.round(stage.width * devicePixelRatio), height: Math.round(stage.height * devicePixelRatio) }
    if (element.width !== pixels.width || element.height !== pixels.height) Object.assign(element, pixels)
    const context = element.getContext('2d')!
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, pixels.width, pixels.height)
    const scale = view.scale * devicePixelRatio
    // Whole pixels: native ones are neither mixed nor blurred.
    const [x, y] = [view.x, view.y].map(corner => Math.round(corner * devicePixelRatio))
    context.setTransform(scale, 0, 0, scale, x, y)
    // Enlarged pixels are shown as they are.
    context.imageSmoothingEnabled = scale < 2
    context.imageSmoothingQuality = 'medium'
    context.drawImage(decoded.overview, 0, 0, width, height)
    for (const { key, box } of wanted) {
      const bitmap = tiles.get(key)
      if (bitmap) context.drawImage(bitmap, box[0], box[1], box[2] - box[0], box[3] - box[1])
    }
    const isWhole = wanted.every(({ key }) => tiles.get(key))
    element.dataset.state = isWhole ? 'sharp' : 'coarse'
  })
  const clipPath = until === undefined ? 'none' : `inset(0 ${Math.max(0, stage.width - until)}px 0 0)`
  return <canvas ref={canvas} role="img" aria-label={label} style={{ clipPath }} />
}

/** The tiles of a decoded that were cut, the last ones used; a new one draws the layer again. */
function useTiles(decoded: DecodedImage) {
  const [, setCount] = useState(0)
  const known = useRef<{ of: DecodedImage; tiles: Map<string, ImageBitmap | undefined> }>(undefined)
  if (known.current?.of !== decoded) known.current = { of: decoded, tiles: new Map() }
  const { tiles } = known.current
  const want = (wanted: readonly Tile[]) => {
    for (const { key, box, width, height } of wanted) {
      const found = tiles.get(key)
      const isNew = !tiles.delete(key)
      tiles.set(key, found)
      if (!isNew) continue
      decoded.cut(box, width, height).then(
        bitmap => {
          tiles.set(key, bitmap)
          setCount(count => count + 1)
        },
        () => tiles.delete(key),
      )
    }
    for (const key of tiles.keys()) {
      if (tiles.size <= Math.max(MAX_TILES, wanted.length)) break
      tiles.get(key)?.close()
      tiles.delete(key)
    }
  }
  return { get: (key: string) => tiles.get(key), want }
}
