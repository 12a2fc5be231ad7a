/** An image that a worker has decoded. */
import type { Box } from '@obscura/contract'
import type { Size } from './view-box.js'

/** What the worker is asked for: first to decode, then for pieces. */
export type Wish = { id: number } & ({ blob: Blob } | { box: Box; width: number; height: number })

/** A reply of the decoding worker: the size, a part of the image, or a problem. */
export interface Piece {
  id: number
  size?: Size
  bitmap?: ImageBitmap
  problem?: string
}

/** An image whose parts can be drawn at any scale. */
export interface DecodedImage {
  size: Size
  /** All of it, in at most a few megapixels. */
  overview: ImageBitmap
  /** The pixels of a box, scaled to a size. */
  cut(box: Box, width: number, height: number): Promise<ImageBitmap>
  /** Frees its memory; pieces that are still wished for never come. */
  close(): void
}

/** This browser cannot decode the file. */
export class UndecodableError extends Error {
  override name = 'UndecodableError'
}

/** @throws UndecodableError */
export async function decodeImage(blob: Blob): Promise<DecodedImage> {
  const worker = new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, (piece: Piece) => void>()
  worker.onmessage = ({ data }: MessageEvent<Piece>) => {
    waiting.get(data.id)?.(data)
    waiting.delete(data.id)
  }
  let count = 0
  const ask = (wish: { blob: Blob } | { box: Box; width: number; height: number }) =>
    new Promise<Piece & { bitmap: ImageBitmap }>((resolve, reject) => {
      const id = ++count
      waiting.set(id, ({ bitmap, problem, ...piece }) =>
        bitmap ? resolve({ ...piece, bitmap }) : reject(new UndecodableError(problem)),
      )
      worker.postMessage({ ...wish, id })
    })
  try {
    const { size, bitmap } = await ask({ blob })
    return {
      size: size!,
      overview: bitmap,
      cut: async (box, width, height) => (await ask({ box, width, height })).bitmap,
      close: () => worker.terminate(),
    }
  } catch (error) {
    worker.terminate()
    throw error
  }
}
