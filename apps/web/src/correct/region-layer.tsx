import type { Point } from '@obscura/contract'
import { shown } from '../stage/shown.js'
import { maskPath } from './brush.js'
import type { DraftRegion } from './draft.js'
import { boxOf, type Drawing, outline } from './drawing.js'
import { brushRadius, type Tool } from './use-drawing.js'

interface Props {
  regions: readonly DraftRegion[]
  selected: ReadonlySet<number>
  drawing: Drawing | undefined
  tool: Tool
}

const line = (points: readonly Point[]) => points.map(point => point.join(',')).join(' ')

/** Outlines of the regions, and what is being drawn; SVG in pixels of the image. */
export function RegionLayer({ regions, selected, drawing, tool }: Props) {
  return (
    <>
      {regions.map(region => (
        <Outline key={region.id} region={region} isSelected={selected.has(region.id)} />
      ))}
      {drawing && <Drawn drawing={drawing} tool={tool} />}
    </>
  )
}

function Outline({
  region: { class: name, box, polygon, mask, source, state },
  isSelected,
}: {
  region: DraftRegion
  isSelected: boolean
}) {
  const [left, top, right, bottom] = box
  const className = `region ${name} ${state} ${isSelected ? 'focus' : ''}`
  return (
    <>
      {polygon ? (
        <polygon class={className} points={line(polygon)} />
      ) : mask && source === 'user' ? (
        <path class={`${className} painted`} d={maskPath(mask)} />
      ) : (
        <rect class={className} x={left} y={top} width={right - left} height={bottom - top} />
      )}
      {state === 'removed' && (
        <path class={className} d={`M${left} ${top}L${right} ${bottom}M${right} ${top}L${left} ${bottom}`} />
      )}
    </>
  )
}

function Drawn({ drawing, tool }: { drawing: Drawing; tool: Tool }) {
  const [x, y] = drawing.cursor
  const arm = 12 / (shown.value?.view.scale ?? 1)
  const points = outline(drawing)
  const [left, top, right, bottom] = boxOf(points[0], drawing.cursor)
  return (
    <>
      {tool === 'box' ? (
        <rect class="drawn" x={left} y={top} width={right - left} height={bottom - top} />
      ) : tool === 'brush' ? (
        <polyline class="stroke" points={line(points)} stroke-width={2 * brushRadius()} />
      ) : (
        <polygon class="drawn" points={line(points)} />
      )}
      <path class="drawn" d={`M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`} />
    </>
  )
}
