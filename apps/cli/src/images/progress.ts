import { Presets, SingleBar } from 'cli-progress'
import { printable } from '../file-names.js'

/**
 * Shows the progress of a run on stderr: a bar on a terminal, lines elsewhere. Both are refreshed
 * while one image takes long.
 */
export interface Progress {
  begun(name: string): void
  /** An image is finished; `problem` says what went wrong. */
  finished(name: string, problem?: string): void
  /** What the run is waiting for before it starts another image. */
  waiting(reason: string): void
  stop(): void
}

/** How often a bar is drawn, and the longest pause between lines. */
const BAR_MS = 1000
const LINE_MS = 20_000
const BAR_COLUMNS = 20

/** A human-readable duration: 45 s, 12 min, 3.5 h. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

/** A bar on a terminal, lines elsewhere. @param total images */
export function showProgress(total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  const counts: Counts = { total, done: 0, failed: 0, began: performance.now(), underWay: new Map() }
  const show = stream.isTTY ? bar(counts, stream) : lines(counts, stream)
  let waited = ''
  const timer = setInterval(() => show.alive(waited), stream.isTTY ? BAR_MS : LINE_MS).unref()
  const stop = () => {
    clearInterval(timer)
    process.off('exit', stop)
    show.stop()
  }
  // A bar hides the cursor: a second interrupt must restore it.
  process.on('exit', stop)
  return {
    begun(name) {
      waited = ''
      counts.underWay.set(name, performance.now())
    },
    finished(name, problem) {
      const milliseconds = performance.now() - (counts.underWay.get(name) ?? counts.began)
      counts.underWay.delete(name)
      counts.done++
      if (problem) counts.failed++
      show.finished(name, problem ?? duration(milliseconds))
    },
    waiting(reason) {
      if (waited === '') show.alive(reason)
      waited = reason
    },
    stop,
  }
}

/** Shows only what a run is waiting for. */
export function showWaits(): Progress {
  let told = ''
  return {
    begun: () => {
      told = ''
    },
    finished: () => {},
    waiting(reason) {
      if (told === '') process.stderr.write(`${reason}\n`)
      told = reason
    },
    stop: () => {},
  }
}

interface Counts {
  total: number
  done: number
  failed: number
  began: number
  /** Start time of each image in progress, oldest first. */
  underWay: Map<string, number>
}

interface Display {
  finished(name: string, result: string): void
  /**
   * Shows that the run is still alive: the reason for waiting, or the oldest image in progress.
   */
  alive(reason: string): void
  stop(): void
}

function pace({ began, done, total }: Counts): string {
  const elapsed = performance.now() - began
  if (done === 0) return ''
  return `${((done * 1000) / elapsed).toFixed(2)} images/s, ${duration((elapsed / done) * (total - done))} left`
}

function oldest({ underWay }: Counts): string | undefined {
  // The name comes last, because a narrow terminal truncates the line.
  for (const [name, since] of underWay) return `${duration(performance.now() - since)} on ${printable(name)}`
  return undefined
}

function lines(counts: Counts, stream: NodeJS.WriteStream): Display {
  let shown = performance.now()
  const write = (text: string) => {
    shown = performance.now()
    stream.write(`[${counts.done}/${counts.total}] ${text}\n`)
  }
  return {
    finished: (name, result) => write(`${printable(name)}: ${printable(result)} (${pace(counts)})`),
    alive(reason) {
      const text = reason || oldest(counts)
      if (text && (reason || performance.now() - shown >= LINE_MS)) write(text)
    },
    stop: () => {},
  }
}

function bar(counts: Counts, stream: NodeJS.WriteStream): Display {
  const single = new SingleBar(
    {
      format: '{bar} {value}/{total}{text}',
      barsize: BAR_COLUMNS,
      stream,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  single.start(counts.total, 0, { text: '' })
  // Failures are listed in the summary: lines in between would corrupt the bar.
  const draw = (reason = '') => {
    const failed = counts.failed > 0 ? `${counts.failed} failed` : ''
    const texts = [pace(counts), failed, reason || oldest(counts)].filter(Boolean)
    single.update(counts.done, { text: texts.map(text => `  ${text}`).join('') })
  }
  return { finished: () => draw(), alive: draw, stop: () => single.stop() }
}
