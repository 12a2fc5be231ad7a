import { Presets, SingleBar } from 'cli-progress'
import { megabytes } from './tell.js'

/** Shows a download on stderr: a bar on a terminal, a line at its beginning and end elsewhere. */
export function showDownload(name: string, total: number | undefined, stream: NodeJS.WriteStream = process.stderr) {
  let bytes = 0
  if (!stream.isTTY) {
    stream.write(`Downloading ${name} (${megabytes(total)}) ...\n`)
    return {
      update: (now: number) => {
        bytes = now
      },
      stop: () => void stream.write(`${megabytes(bytes)} of ${name} are already downloaded.\n`),
    }
  }
  const bar = new SingleBar(
    { format: `{bar} {text} of ${name}`, barsize: 20, stream, hideCursor: true, gracefulExit: false },
    Presets.shades_classic,
  )
  bar.start(total ?? 1, 0, { text: '' })
  return {
    update: (now: number) =>
      bar.update(total ? now : 0, { text: total ? `${megabytes(now)} of ${megabytes(total)}` : megabytes(now) }),
    stop: () => bar.stop(),
  }
}
