import { Presets, SingleBar } from 'cli-progress'

/** Shows how far a run over many images is, on stderr: a bar on a terminal, one line an image elsewhere. */
export interface Progress {
  /** One image is finished; `line` says more about it than its name when something went wrong. */
  finished(name: string, milliseconds: number, problem?: string): void
  stop(): void
}

/** A span of time for people: 45 s, 12 min, 3.5 h. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

export function showProgress(total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  const began = performance.now()
  let done = 0
  const pace = () => {
    const elapsed = performance.now() - began
    return { rate: `${((done * 1000) / elapsed).toFixed(2)} images/s`, left: duration((elapsed / done) * (total - done)) }
  }
  if (!stream.isTTY) {
    return {
      finished(name, milliseconds, problem) {
        done++
        const { rate, left } = pace()
        stream.write(`[${done}/${total}] ${name}: ${problem ?? duration(milliseconds)} (${rate}, ${left} left)\n`)
      },
      stop: () => {},
    }
  }
  let failed = 0
  const bar = new SingleBar(
    {
      format: '{bar} {value}/{total}  {rate}  {left} left{failed}',
      stream,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0, { rate: '', left: '?', failed: '' })
  return {
    finished(_name, _milliseconds, problem) {
      done++
      if (problem) failed++
      // Why, the summary tells: lines between would tear the bar.
      bar.update(done, { ...pace(), failed: failed > 0 ? `  ${failed} failed` : '' })
    },
    stop: () => bar.stop(),
  }
}
