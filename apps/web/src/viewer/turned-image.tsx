import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { draftRegions } from '../correct/draft.js'
import { draftOf } from '../correct/drafts.js'
import { LayerSwitches } from '../correct/layer-switches.js'
import { sphereOutlines } from '../correct/sphere-outline.js'
import type { Display } from '../stage/display.js'
import { hidden } from '../stage/layers.js'
import { SphereView } from '../stage/sphere-view.js'
import { text } from '../text/index.js'
import type { ViewedImage } from './image.js'

interface Props {
  id: string
  found: ViewedImage['found']
  file: Blob | Promise<Blob>
  /** Of the panorama, in pixels. */
  width: number
  display: Display
  onProblem: (message: string) => void
  /** The review, beside the layers. */
  children: ComponentChildren
}

/** A panorama seen from its middle, with the outlines of its regions. */
export function TurnedImage({ id, found, file, width, display, onProblem, children }: Props) {
  const draft = draftOf(id).now
  const regions = useMemo(() => draftRegions(found.regions, draft), [found, draft])
  const outlines = useMemo(
    () =>
      regions
        .filter(region => display.hasRegions && !hidden.value.has(region.class))
        .flatMap(region => {
          const className = `region ${region.class} ${region.state}`
          return sphereOutlines(region, width).map(points => ({ className, points }))
        }),
    [regions, display.hasRegions, hidden.value],
  )
  return (
    <>
      <div class="row tools">
        <LayerSwitches regions={regions} />
        {children}
      </div>
      <SphereView {...{ file, outlines, onProblem }} label={display.isOriginal ? text.value.original : text.value.anonymized} />
    </>
  )
}
