import { useState } from 'preact/hooks'
import { forEachImage } from '../api/batch.js'
import { MAX_EXPORTED } from '../api/labels.js'
import { deleteFiles } from '../api/tasks.js'
import { ReviewSelected } from '../review/review-selected.js'
import { text } from '../text/index.js'
import { zipLabels } from './labels-zip.js'
import { zipTasks } from './zip.js'

interface Props {
  selected: readonly number[]
  /** Of the selected ones, those that wait for a review. */
  waiting: readonly number[]
  onMessage: (message: string) => void
  /** The images have changed. */
  onDone: () => Promise<void>
}

/** What can be done with the selected images. */
export function SelectionBar({ selected, waiting, onMessage, onDone }: Props) {
  const t = text.value
  const [isBusy, setBusy] = useState(false)
  const busy = (work: () => Promise<void>) => async () => {
    setBusy(true)
    await work()
      .catch(error => onMessage((error as Error).name === 'AbortError' ? '' : (error as Error).message))
      .finally(() => setBusy(false))
  }
  const remove = busy(async () => {
    if (!confirm(t.confirmDelete(selected.length))) return
    const refusals = await forEachImage(selected, deleteFiles, done => onMessage(t.deleteProgress(done, selected.length)))
    await onDone()
    onMessage(refusals.length === 0 ? '' : [t.notDeleted(refusals.length), ...refusals].join(' '))
  })
  const zip = (everything: boolean) =>
    busy(async () => {
      const left = await zipTasks(selected, everything, (done, all) => onMessage(t.zipProgress(done, all)))
      onMessage(left.length === 0 ? '' : [t.notPacked(left.length), ...left].join(' '))
    })
  const labels = busy(async () => {
    const left = await zipLabels(selected, (done, all) => onMessage(t.zipProgress(done, all)))
    onMessage(left.length === 0 ? '' : [t.notPacked(left.length), ...left].join(' '))
  })
  return (
    <>
      <span>{t.selected(selected.length)}</span>
      <button type="button" disabled={isBusy} onClick={zip(false)}>
        {t.downloadZip}
      </button>
      <button type="button" disabled={isBusy} onClick={zip(true)}>
        {t.downloadZip} {t.withMasks}
      </button>
      <button type="button" disabled={isBusy || selected.length > MAX_EXPORTED} title={t.labelsHint} onClick={labels}>
        {t.downloadLabels}
      </button>
      <ReviewSelected ids={waiting} onMessage={onMessage} onDone={onDone} />
      <button type="button" class="danger" disabled={isBusy} onClick={remove}>
        {t.delete}
      </button>
    </>
  )
}
