import type { Regions } from '../api/corrections.js'
import type { Task } from '../api/tasks.js'
import type { DecodedImage } from '../stage/decoded.js'
import { text } from '../text/index.js'
import type { Change, DraftRegion } from './draft.js'
import { RegionList } from './region-list.js'
import { RegionSettings } from './region-settings.js'
import { Revisions } from './revisions.js'
import type { Correction } from './use-correction.js'
import type { Selection } from './use-selection.js'

interface Props {
  id: string
  task: Task
  found: Regions
  /** Of which the list has crops. */
  decoded: DecodedImage
  regions: readonly DraftRegion[]
  selection: Selection
  correction: Correction
  /** Class and method of what is drawn next. */
  next: Change
  onChange: (values: Change) => void
  onRemove: () => void
}

/** Beside the image: warnings, settings and list of its regions, its revisions. */
export function SidePanel({ id, task, found, decoded, regions, selection, correction, next, onChange, onRemove }: Props) {
  const t = text.value
  return (
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
        <RegionSettings selected={selection.regions} {...{ next, onChange, onRemove }} />
      ) : (
        <p class="minor">{t.notCorrectable}</p>
      )}
      <RegionList {...{ regions, decoded }} selected={selection.ids} onPick={selection.pick} onSelect={selection.toggle} />
      {found.revision !== undefined && (
        <Revisions {...{ id }} newest={found.revision} isBusy={correction.saving === 'saving'} onRevert={correction.revert} />
      )}
      <p class="minor">{t.shortcuts}</p>
    </aside>
  )
}
