import { language } from '../text/index.js'
import { axisEnd } from './days.js'

/** One bar: parts on top of each other. */
export interface Bar {
  /** YYYY-MM-DD in UTC. */
  day: string
  parts: readonly number[]
}

interface Props {
  title: string
  /** Of the parts, with the class of their colour. */
  series: readonly { name: string; color: string }[]
  bars: readonly Bar[]
  format: (value: number) => string
}

const WIDTH = 640
const HEIGHT = 200
const LEFT = 64
const BOTTOM = 24
const TOP = 8
/** Of a day's width. */
const GAP = 0.2

const shortDay = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(language.value, { timeZone: 'UTC', day: 'numeric', month: 'short' })

/** A bar for each day, of several series on top of each other. */
export function BarChart({ title, series, bars, format }: Props) {
  const sums = bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0))
  const end = axisEnd(Math.max(...sums))
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / end)
  const step = (WIDTH - LEFT) / bars.length
  const labelled = [0, Math.floor((bars.length - 1) / 2), bars.length - 1]
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      {series.length > 1 && (
        <ul class="legend">
          {series.map(({ name, color }) => (
            <li key={name}>
              <span class={`dot ${color}`} /> {name}
            </li>
          ))}
        </ul>
      )}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        {[0, end / 2, end].map(value => (
          <g key={value}>
            <line class="axis" x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
              {format(value)}
            </text>
          </g>
        ))}
        {bars.map(({ day, parts }, index) => (
          <g key={day}>
            <title>{`${shortDay(day)}: ${parts.map((part, i) => `${series[i].name} ${format(part)}`).join(', ')}`}</title>
            {/* The whole height, so that short bars have a title too. */}
            <rect class="hit" x={LEFT + index * step} y={TOP} width={step} height={HEIGHT - TOP - BOTTOM} />
            {stacked(parts).map(([from, to], i) => (
              <rect
                key={series[i].name}
                class={`bar-${series[i].color}`}
                x={LEFT + (index + GAP / 2) * step}
                y={y(to)}
                width={step * (1 - GAP)}
                height={y(from) - y(to)}
              />
            ))}
          </g>
        ))}
        {labelled.map((index, i) => (
          <text key={i} x={LEFT + (index + 0.5) * step} y={HEIGHT - 6} text-anchor={(['start', 'middle', 'end'] as const)[i]}>
            {shortDay(bars[index].day)}
          </text>
        ))}
      </svg>
    </figure>
  )
}

function stacked(parts: readonly number[]): [from: number, to: number][] {
  let sum = 0
  return parts.map(part => {
    const from = sum
    sum += part
    return [from, sum]
  })
}
