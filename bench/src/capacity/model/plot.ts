/**
 * The figure of docs/scaling.md: what has to grow with the images, and until when one of each part
 * is enough.
 */
import type { Demand } from './demand.js'
import type { Limit } from './limits.js'

const WIDTH = 960
const LEFT = 210
const RIGHT = 930
const LINES = { top: 64, bottom: 300 }
const BARS = { top: 372, step: 34 }
const COLOURS = { worker: '#0b6e99', api: '#c2571a', bar: '#3d7a5a', ink: '#222', faint: '#ddd', soft: '#666' }

const exponent = Math.log10

/** Images a day to x, from a thousand to a billion. */
const x = (imagesPerDay: number) => LEFT + ((Math.min(9, Math.max(3, exponent(imagesPerDay))) - 3) / 6) * (RIGHT - LEFT)

/** Cores to y, from one to a million. */
const y = (cores: number) => LINES.bottom - (exponent(cores) / 6) * (LINES.bottom - LINES.top)

const text = (at: number, line: number, content: string, more = '') =>
  `<text x="${at.toFixed(1)}" y="${line.toFixed(1)}" ${more}>${content}</text>`
const rule = (x1: number, y1: number, x2: number, y2: number) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1}" x2="${x2.toFixed(1)}" y2="${y2}" stroke="${COLOURS.faint}"/>`

/** 1234567 as "1.2 M". */
export function formatShort(value: number): string {
  const steps: [number, string][] = [
    [1e15, 'P'],
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ]
  const step = steps.find(([size]) => value >= size * 0.9995)
  const scaled = value / (step?.[0] ?? 1)
  return `${scaled >= 100 ? Math.round(scaled) : Number(scaled.toPrecision(2))}${step ? ` ${step[1]}` : ''}`
}

/** The plot of demand and limits, as SVG. */
export function drawPlot(demands: readonly Demand[], reaches: readonly { limit: Limit; imagesPerDay: number }[]): string {
  const height = BARS.top + BARS.step * reaches.length + 46
  const body = [
    grid(height),
    line(demands, 'cores', COLOURS.worker, 'cores of workers'),
    line(demands, 'apiProcesses', COLOURS.api, 'API processes'),
    ...bars(reaches),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="14" fill="${COLOURS.ink}">
<title>Cores and API processes by images a day, and how many images a day one server of each kind can handle</title>
<rect width="100%" height="100%" fill="#fff"/>
${body.flat().join('\n')}
</svg>
`
}

function grid(height: number): string[] {
  const days = [3, 4, 5, 6, 7, 8, 9]
  return [
    text(LEFT, 34, 'What grows with the images', 'font-size="17" font-weight="600"'),
    text(LEFT, BARS.top - 24, 'Images a day up to which one of each is enough', 'font-size="17" font-weight="600"'),
    ...days.flatMap(day => [
      rule(x(10 ** day), LINES.top, x(10 ** day), LINES.bottom),
      rule(x(10 ** day), BARS.top - 8, x(10 ** day), height - 42),
      text(x(10 ** day), height - 22, formatShort(10 ** day), `text-anchor="middle" fill="${COLOURS.soft}"`),
    ]),
    ...[0, 1, 2, 3, 4, 5, 6].flatMap(power => [
      rule(LEFT, y(10 ** power), RIGHT, y(10 ** power)),
      text(LEFT - 10, y(10 ** power) + 5, formatShort(10 ** power), `text-anchor="end" fill="${COLOURS.soft}"`),
    ]),
    text(RIGHT, height - 4, 'images a day', `text-anchor="end" fill="${COLOURS.soft}"`),
  ]
}

function line(demands: readonly Demand[], name: 'cores' | 'apiProcesses', colour: string, label: string): string[] {
  const points = demands.map(demand => `${x(demand.imagesPerDay).toFixed(1)},${y(demand[name]).toFixed(1)}`)
  const middle = demands[Math.floor(demands.length * 0.62)]
  return [
    `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
    text(x(middle.imagesPerDay) - 12, y(middle[name]) - 8, label, `text-anchor="end" fill="${colour}" font-weight="600"`),
  ]
}

function bars(reaches: readonly { limit: Limit; imagesPerDay: number }[]): string[] {
  return reaches.flatMap(({ limit, imagesPerDay }, i) => {
    const top = BARS.top + i * BARS.step
    const end = x(imagesPerDay)
    // Beside the bar, or inside where there is no room.
    const inside = end > RIGHT - 60
    return [
      text(LEFT - 10, top + 17, limit.part, 'text-anchor="end"'),
      `<rect x="${LEFT}" y="${top}" width="${(end - LEFT).toFixed(1)}" height="24" rx="3" fill="${COLOURS.bar}"/>`,
      text(end + (inside ? -8 : 8), top + 17, formatShort(imagesPerDay), inside ? 'text-anchor="end" fill="#fff"' : ''),
    ]
  })
}
