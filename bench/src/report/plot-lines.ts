/** A line of a plot: its name, and points from left to right. */
export interface Line {
  name: string
  points: (readonly [x: number, y: number])[]
  /** The point that is drawn larger. */
  marked?: readonly [x: number, y: number]
}

const WIDTH = 720
const HEIGHT = 360
const MARGIN = { left: 52, right: 130, top: 44, bottom: 36 }
/** Distinguishable by colour-blind people (Okabe and Ito's palette). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']

/**
 * An SVG image of lines from the origin, legible on light and dark pages; each is named at its
 * end.
 */
export function plotLines(title: string, lines: readonly Line[]): string {
  const points = lines.flatMap(line => line.points)
  const ticksX = ticks(Math.max(...points.map(([x]) => x)))
  const ticksY = ticks(Math.max(...points.map(([, y]) => y)))
  const x = scale(ticksX.at(-1)!, MARGIN.left, WIDTH - MARGIN.right)
  const y = scale(ticksY.at(-1)!, HEIGHT - MARGIN.bottom, MARGIN.top)
  const grid = [
    ...ticksY.map(
      tick => `<path d="M${MARGIN.left} ${y(tick)}H${WIDTH - MARGIN.right}" stroke="#8884"/>
<text x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
    ),
    ...ticksX.map(tick => `<text x="${x(tick)}" y="${HEIGHT - MARGIN.bottom + 20}" text-anchor="middle">${tick}</text>`),
  ]
  const drawn = lines.map((line, i) => {
    const colour = COLOURS[i % COLOURS.length]
    const [endX, endY] = line.points.at(-1)!
    const size = (point: readonly number[]) => (String(point) === String(line.marked) ? 7 : 3)
    return `<polyline points="${line.points.map(point => `${x(point[0])},${y(point[1])}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>
${line.points.map(point => `<circle cx="${x(point[0])}" cy="${y(point[1])}" r="${size(point)}" fill="${colour}"/>`).join('\n')}
<text x="${x(endX) + 10}" y="${y(endY) + 4}" fill="${colour}">${line.name}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#888">
<title>${title}</title>
<text x="${MARGIN.left}" y="22" font-size="15">${title}</text>
${[...grid, ...drawn].join('\n')}
</svg>
`
}

function scale(maximum: number, from: number, to: number): (value: number) => number {
  return value => Math.round((from + (value / maximum) * (to - from)) * 10) / 10
}

/**
 * From 0 in round steps (1, 2 or 5 times a power of ten) up to the first one not below the maximum:
 * four to eight of them.
 */
function ticks(maximum: number): number[] {
  const rough = maximum / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough)!
  return Array.from({ length: Math.ceil(maximum / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)))
}
