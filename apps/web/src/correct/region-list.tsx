import { memo } from 'preact/compat'
import { useEffect, useRef } from 'preact/hooks'
import type { DecodedImage } from '../stage/decoded.js'
import { text } from '../text/index.js'
import type { DraftRegion } from './draft.js'
import { LayerSwitches } from './layer-switches.js'

interface Props {
  regions: readonly DraftRegion[]
  selected: ReadonlySet<number>
  /** Of which the crops are. */
  decoded: DecodedImage
  onPick: (region: DraftRegion) => void
  onSelect: (region: DraftRegion) => void
}

/** What was found, the least certain first; a click brings it into the middle. */
export function RegionList({ regions, selected, decoded, onPick, onSelect }: Props) {
  const t = text.value
  return (
    <section aria-label={t.regions}>
      <h2>
        {t.regions} ({regions.length})
      </h2>
      <LayerSwitches regions={regions} />
      {regions.length === 0 && <p class="minor">{t.noRegions}</p>}
      <ol class="regions">
        {regions.map((region, i) => (
          <Row key={region.id} {...{ region, decoded, onPick, onSelect }} number={i + 1} isSelected={selected.has(region.id)} />
        ))}
      </ol>
    </section>
  )
}

interface RowProps extends Omit<Props, 'regions' | 'selected'> {
  region: DraftRegion
  number: number
  isSelected: boolean
}

function Row({ region, number, isSelected, decoded, onPick, onSelect }: RowProps) {
  const t = text.value
  const row = useRef<HTMLLIElement>(null)
  const label = `${number}: ${t.classOf[region.class]}`
  useEffect(() => {
    if (isSelected) row.current!.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  return (
    <li ref={row} class={region.state}>
      <input type="checkbox" aria-label={t.select(label)} checked={isSelected} onChange={() => onSelect(region)} />
      <button type="button" aria-pressed={isSelected} onClick={() => onPick(region)}>
        <Crop decoded={decoded} box={region.box} />
        <span class={`dot ${region.class}`} />
        <span class="grow">
          {t.classOf[region.class]}
          {region.state !== 'kept' && <span class="minor"> {t.draftStates[region.state]}</span>}
        </span>
        <span class="score">{region.source === 'user' ? t.drawn : `${Math.round(region.score * 100)} %`}</span>
      </button>
    </li>
  )
}

/** Pixels of a crop; it is shown at half the size on screens of the usual density. */
const CROP = 96

/** A region with some of what is around it. */
const Crop = memo(function Crop({ decoded, box }: { decoded: DecodedImage; box: DraftRegion['box'] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [left, top, right, bottom] = box
  useEffect(() => {
    const side = Math.round(Math.max(right - left, bottom - top, 24) * 1.3)
    const [x, y] = [Math.round((left + right - side) / 2), Math.round((top + bottom - side) / 2)]
    let isStale = false
    decoded.cut([x, y, x + side, y + side], CROP, CROP).then(
      bitmap => {
        if (isStale) return bitmap.close()
        const context = canvas.current?.getContext('2d')
        context?.clearRect(0, 0, CROP, CROP)
        context?.drawImage(bitmap, 0, 0)
        bitmap.close()
      },
      () => {},
    )
    return () => {
      isStale = true
    }
  }, [decoded, left, top, right, bottom])
  return <canvas ref={canvas} class="crop" width={CROP} height={CROP} />
})
