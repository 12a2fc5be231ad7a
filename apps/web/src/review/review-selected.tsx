import { useState } from 'preact/hooks'
import { forEachImage } from '../api/batch.js'
import { approve, reject } from '../api/corrections.js'
import { text } from '../text/index.js'
import { RejectForm } from './reject-form.js'

interface Props {
  /** Of images that wait for a review. */
  ids: readonly number[]
  onMessage: (message: string) => void
  onDone: () => Promise<void>
}

/** Approves or rejects many images; those that are refused stay, and the reason is said. */
export function ReviewSelected({ ids, onMessage, onDone }: Props) {
  const t = text.value
  const [isRejecting, setRejecting] = useState(false)
  const [isBusy, setBusy] = useState(false)
  if (ids.length === 0) return null
  const decide = async (decision: (id: number) => Promise<unknown>) => {
    setRejecting(false)
    setBusy(true)
    const progress = (done: number) => text.value.decided(done, ids.length)
    try {
      const refusals = await forEachImage(ids, decision, done => onMessage(progress(done)))
      await onDone()
      onMessage(refusals.length > 0 ? [progress(ids.length - refusals.length), ...refusals].join(' ') : '')
    } catch (error) {
      onMessage((error as Error).message)
    }
    setBusy(false)
  }
  if (isRejecting)
    return <RejectForm onReject={reason => decide(id => reject(id, reason))} onCancel={() => setRejecting(false)} />
  return (
    <>
      <button type="button" class="primary" disabled={isBusy} onClick={() => decide(id => approve(id))}>
        {t.approve} ({ids.length})
      </button>
      <button type="button" disabled={isBusy} onClick={() => setRejecting(true)}>
        {t.reject}
      </button>
    </>
  )
}
