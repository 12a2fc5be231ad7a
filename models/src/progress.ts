/**
 * Shows the build on a terminal as one line with a bar, elsewhere as a line for each model that was
 * converted.
 */
import type { WriteStream } from 'node:tty'
import type { Manifest } from '@obscura/engine/manifest'

/** `building` before a model is converted; `built` or `ready` (nothing to do) when it is done. */
export interface BuildProgress {
  manifest: Manifest
  state: 'building' | 'built' | 'ready'
  /** Models that are done, of `total`. */
  done: number
  total: number
}

const width = 24

/** What to pass as `onProgress`. */
export function printProgress(stream: Pick<WriteStream, 'write' | 'isTTY'>): (progress: BuildProgress) => void {
  return ({ manifest, state, done, total }) => {
    const last = done === total
    if (stream.isTTY) {
      const filled = Math.round((width * done) / total)
      const text = last ? 'models ready' : state === 'building' ? `converting ${manifest.title}` : manifest.title
      stream.write(`\r\x1b[K[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total} ${text}${last ? '\n' : ''}`)
      return
    }
    if (state === 'built') stream.write(`Converted ${manifest.title} (${done}/${total})\n`)
    if (last) stream.write(`${total} models ready\n`)
  }
}
