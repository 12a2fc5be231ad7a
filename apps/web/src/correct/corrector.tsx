import type { Point } from '@obscura/contract'
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Regions } from '../api/corrections.js'
import type { Task } from '../api/tasks.js'
import type { DecodedImage } from '../stage/decoded.js'
import { useFirstKeys, useKeys } from '../stage/keys.js'
import { hidden } from '../stage/layers.js'
import type { Looks } from '../stage/looks.js'
import { Stage } from '../stage/stage.js'
import { text } from '../text/index.js'
import { byDoubt, regionAt } from './doubt.js'
import { type Change, type DraftRegion, withChange, withoutRegions, withRegion } from './draft.js'
import { RegionLayer } from './region-layer.js'
import { RegionList } from './region-list.js'
import { RegionSettings } from './region-settings.js'
import { Revisions } from './revisions.js'
import { Toolbar } from './toolbar.js'
import { useCorrection } from './use-correction.js'
import { type Tool, useDrawing } from './use-drawing.js'

interface Props {
  id: string
  image: { task: Task; found: Regions }
  decoded: DecodedImage
  /** Undefined until it is wanted and loaded. */
  original: DecodedImage | undefined
  looks: Looks
  tool: Tool
  onTool: (tool: Tool) => void
  reload: () => Promise<void>
  /** The review, beside the tools. */
  children: ComponentChildren
}

/** Class and method of what is drawn; kept from one image to the next. */
let nextBefore: Change = { class: 'face', method: null }

const NOBODY: ReadonlySet<number> = new Set()

/** The image with its regions: to look at, to select, to remove, to draw and to change. */
export function Corrector({
  id,
  image: { task, found },
  decoded,
  original,
  looks,
  tool: wanted,
  onTool,
  reload,
  children,
}: Props) {
  const t = text.value
  const correction = useCorrection(id, found, reload)
  const [selected, setSelected] = useState(NOBODY)
  const [focus, setFocus] = useState<DraftRegion>()
  const [next, setNext] = useState(nextBefore)
  nextBefore = next
  const tool = correction.isPossible ? wanted : 'select'
  const regions = useMemo(() => byDoubt(correction.regions), [correction.regions])
  const visible = looks.hasRegions ? regions.filter(region => !hidden.value.has(region.class)) : []
  const chosen = regions.filter(region => selected.has(region.id))

  const choose = (name: Tool) => {
    onTool(name)
    // Space and Enter then draw, instead of pressing the button again.
    document.querySelector<HTMLElement>('.stage')?.focus()
  }
  const { drawing, pen, onKey } = useDrawing(
    tool,
    shape =>
      correction.edit(draft => withRegion(draft, { class: next.class!, ...(next.method && { method: next.method }), ...shape })),
    () => choose('select'),
  )
  const toggle = (region: DraftRegion) => {
    const changed = new Set(selected)
    if (!changed.delete(region.id)) changed.add(region.id)
    setSelected(changed)
  }
  const remove = (ids: Iterable<number>) => correction.isPossible && correction.edit(draft => withoutRegions(draft, [...ids]))
  const change = (values: Change) => {
    if (chosen.length > 0) correction.edit(draft => withChange(draft, [...selected], values))
    else setNext({ ...next, ...values })
  }
  const tap = (point: Point, { shiftKey }: PointerEvent) => {
    const region = regionAt(visible, point)
    if (!region) setSelected(NOBODY)
    else if (tool === 'remove') remove([region.id])
    else if (shiftKey) toggle(region)
    else setSelected(new Set([region.id]))
  }
  const pick = (region: DraftRegion | undefined) => {
    if (!region) return
    setSelected(new Set([region.id]))
    setFocus({ ...region })
  }
  const step = (by: number) => {
    const position = regions.findIndex(region => selected.has(region.id))
    pick(regions[position < 0 ? 0 : Math.min(regions.length - 1, Math.max(0, position + by))])
  }
  const tools = correction.isPossible && {
    v: () => choose('select'),
    e: () => choose('remove'),
    n: () => choose('box'),
    p: () => choose('polygon'),
    f: () => choose('brush'),
    z: correction.undo,
    y: correction.redo,
    s: correction.save,
    'ctrl+z': correction.undo,
    'ctrl+shift+z': correction.redo,
    'ctrl+y': correction.redo,
    'ctrl+s': correction.save,
    Delete: () => remove(selected),
    Backspace: () => remove(selected),
  }
  useFirstKeys(onKey)
  useKeys({
    ...tools,
    j: () => step(1),
    k: () => step(-1),
    'ctrl+a': () => setSelected(new Set(regions.map(region => region.id))),
  })
  const isOver = looks.isComparing || looks.isOriginal
  return (
    <>
      <div class="row tools">
        {correction.isPossible && <Toolbar correction={correction} tool={tool} onTool={choose} />}
        {children}
      </div>
      <div class="split">
        <Stage
          anonymized={decoded}
          original={isOver ? original : undefined}
          isWhole={looks.isOriginal}
          {...{ focus, pen }}
          onTap={tap}
        >
          {(looks.hasRegions || drawing) && <RegionLayer {...{ selected, drawing, tool }} regions={visible} />}
        </Stage>
        <aside>
          {task.warnings.length > 0 && (
            <>
              <h2>{t.warnings}</h2>
              {task.warnings.map(warning => (
                <p key={warning}>{warning}</p>
              ))}
            </>
          )}
          {correction.isPossible ? (
            <RegionSettings selected={chosen} next={next} onChange={change} onRemove={() => remove(selected)} />
          ) : (
            <p class="minor">{t.notCorrectable}</p>
          )}
          <RegionList
            {...{ regions, selected }}
            decoded={isOver && original ? original : decoded}
            onPick={pick}
            onSelect={toggle}
          />
          {found.revision !== undefined && (
            <Revisions {...{ id }} newest={found.revision} isBusy={correction.saving === 'saving'} onRevert={correction.revert} />
          )}
          <p class="minor">{t.shortcuts}</p>
        </aside>
      </div>
    </>
  )
}
