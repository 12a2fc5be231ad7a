/**
 * Decodes one image outside the page's thread and cuts pieces out of it: the browser would decode
 * all of a large one again for each zoom, and the page would stand still.
 */
import type { Piece, Wish } from './decoded.js'

/** The whole image is shown from a copy of at most this width. */
const OVERVIEW_WIDTH = 2048

let decoded: Promise<ImageBitmap>

async function handle(wish: Wish): Promise<void> {
  if ('blob' in wish) {
    decoded = createImageBitmap(wish.blob)
    const { width, height } = await decoded
    const resizeWidth = Math.min(width, OVERVIEW_WIDTH)
    const bitmap = await createImageBitmap(await decoded, { resizeWidth, resizeQuality: 'medium' })
    reply({ id: wish.id, size: { width, height }, bitmap })
    return
  }
  const [left, top, right, bottom] = wish.box
  const options = { resizeWidth: wish.width, resizeHeight: wish.height, resizeQuality: 'medium' } as const
  reply({ id: wish.id, bitmap: await createImageBitmap(await decoded, left, top, right - left, bottom - top, options) })
}

const reply = (piece: Piece) => postMessage(piece, { transfer: piece.bitmap ? [piece.bitmap] : [] })

addEventListener('message', ({ data }: MessageEvent<Wish>) => {
  handle(data).catch(error => reply({ id: data.id, problem: (error as Error).message }))
})
