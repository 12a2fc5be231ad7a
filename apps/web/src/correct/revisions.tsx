import { useEffect, useState } from 'preact/hooks'
import { listRevisions, type RevisionItem } from '../api/corrections.js'
import { localTime, text } from '../text/index.js'

interface Props {
  id: string
  newest: number
  isBusy: boolean
  onRevert: (revision: number) => void
}

/** Who changed what, newest first, each to go back to. */
export function Revisions({ id, newest, isBusy, onRevert }: Props) {
  const t = text.value
  const [items, setItems] = useState<RevisionItem[]>([])
  useEffect(() => {
    if (newest > 0) listRevisions(id).then(setItems, () => {})
  }, [newest])
  if (newest === 0) return null
  const revert = (revision: number) => (
    <button type="button" disabled={isBusy} onClick={() => onRevert(revision)} aria-label={t.revertTo(revision)}>
      {t.revert}
    </button>
  )
  return (
    <details class="revisions">
      <summary>
        {t.revisions} ({newest})
      </summary>
      <ol>
        {[...items].reverse().map(item => (
          <li key={item.revision} class="row">
            <span class="grow">
              {item.revision}: {summary(item)}
              <br />
              <span class="minor">
                {item.username ?? '–'}, {localTime(item.create_time)}
              </span>
            </span>
            {item.revision !== newest && revert(item.revision)}
          </li>
        ))}
        <li class="row">
          <span class="grow">0: {t.asDetected}</span>
          {revert(0)}
        </li>
      </ol>
    </details>
  )
}

function summary({ removed, added, changed, reverted }: RevisionItem): string {
  const t = text.value
  if (reverted !== undefined) return t.reverted(reverted)
  const counts = [t.removedCount(removed.length), t.addedCount(added.length), t.changedCount(changed.length)]
  const lengths = [removed.length, added.length, changed.length]
  return counts.filter((_, i) => lengths[i] > 0).join(', ') || t.parametersChanged
}
