import type { Point } from '@obscura/contract'
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Regions } from '../api/corrections.js'
import type { Task } from '../api/tasks.js'
import type { DecodedImage } from '../stage/decoded.js'
import type { Display } from '../stage/display.js'
import { useFirstKeys, useKeys } from '../stage/keys.js'
import { hidden } from '../stage/layers.js'
import { Stage } from '../stage/stage.js'
import { correctionKeys } from './correction-keys.js'
import { byDoubt, regionAt } from './doubt.js'
import { type Change, withChange, withoutRegions, withRegion } from './draft.js'
import type { Shape } from './drawing.js'
import { RegionLayer } from './region-layer.js'
import { SidePanel } from './side-panel.js'
import { Toolbar } from './toolbar.js'
import { useCorrection } from './use-correction.js'
import { type Tool, useDrawing } from './use-drawing.js'
import { useSelection } from './use-selection.js'

interface Props {
  id: string
  image: { task: Task; found: Regions }
  decoded: DecodedImage
  /** Undefined until it is wanted and loaded. */
  original: DecodedImage | undefined
  display: Display
  tool: Tool
  onTool: (tool: Tool) => void
  reload: () => Promise<void>
  /** The review, beside the tools. */
  children: ComponentChildren
}

/** Class and method of what is drawn; kept from one image to the next. */
let nextBefore: Change = { class: 'face', method: null }

/** The image with its regions: to look at, to select, to remove, to draw and to change. */
export function Corrector(props: Props) {
  const { id, image, decoded, display, onTool } = props
  const correction = useCorrection(id, image.found, props.reload)
  const regions = useMemo(() => byDoubt(correction.regions), [correction.regions])
  const selection = useSelection(regions)
  const [next, setNext] = useNext()
  const tool = correction.isPossible ? props.tool : 'select'
  const visible = display.hasRegions ? regions.filter(region => !hidden.value.has(region.class)) : []

  const choose = (name: Tool) => {
    onTool(name)
    // Space and Enter then draw, instead of pressing the button again.
    document.querySelector<HTMLElement>('.stage')?.focus()
  }
  const draw = (shape: Shape) =>
    correction.edit(draft => withRegion(draft, { class: next.class!, ...(next.method && { method: next.method }), ...shape }))
  const { drawing, pen, onKey } = useDrawing(tool, draw, () => choose('select'))
  const remove = (ids: Iterable<number>) => correction.isPossible && correction.edit(draft => withoutRegions(draft, [...ids]))
  const removeSelected = () => remove(selection.ids)
  const change = (values: Change) => {
    if (selection.regions.length > 0) correction.edit(draft => withChange(draft, [...selection.ids], values))
    else setNext(values)
  }
  const tap = (point: Point, { shiftKey }: PointerEvent) => {
    const region = regionAt(visible, point)
    if (!region) selection.select()
    else if (tool === 'remove') remove([region.id])
    else if (shiftKey) selection.toggle(region)
    else selection.select(region)
  }
  useFirstKeys(onKey)
  useKeys({
    ...(correction.isPossible && correctionKeys(correction, choose, removeSelected)),
    j: () => selection.step(1),
    k: () => selection.step(-1),
    'ctrl+a': () => selection.select(...regions),
  })
  const original = display.isComparing || display.isOriginal ? props.original : undefined
  return (
    <>
      <div class="row tools">
        {correction.isPossible && <Toolbar correction={correction} tool={tool} onTool={choose} />}
        {props.children}
      </div>
      <div class="split">
        <Stage anonymized={decoded} isWhole={display.isOriginal} focus={selection.focus} {...{ original, pen }} onTap={tap}>
          {(display.hasRegions || drawing) && <RegionLayer selected={selection.ids} {...{ drawing, tool }} regions={visible} />}
        </Stage>
        <SidePanel
          {...{ id, ...image, regions, selection, correction, next }}
          decoded={original ?? decoded}
          onChange={change}
          onRemove={removeSelected}
        />
      </div>
    </>
  )
}

function useNext(): [Change, (values: Change) => void] {
  const [next, setNext] = useState(nextBefore)
  nextBefore = next
  return [next, values => setNext({ ...next, ...values })]
}
