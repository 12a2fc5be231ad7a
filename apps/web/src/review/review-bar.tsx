import { useEffect, useState } from 'preact/hooks'
import { approve, type Review, reject } from '../api/corrections.js'
import { OfflineError } from '../api/session.js'
import { useKeys } from '../stage/keys.js'
import { text } from '../text/index.js'
import { RejectForm } from './reject-form.js'

interface Props {
  id: string
  review: Review
  /** The revision that is shown; only that one is released. */
  revision: number | undefined
  /** There are changes that are not saved: what would be released is not what is drawn. */
  isDirty: boolean
  onDecided: () => Promise<void>
}

/** Approve or reject the image that is shown. */
export function ReviewBar({ id, review, revision, isDirty, onDecided }: Props) {
  const t = text.value
  const [isRejecting, setRejecting] = useState(false)
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  // What follows from a decision is shown by the viewer: another image, or a new review of this one.
  useEffect(() => setBusy(false), [review])
  const decide = async (decision: () => Promise<unknown>) => {
    if (isBusy) return
    if (isDirty) return setProblem(text.value.saveFirst)
    setBusy(true)
    setProblem('')
    try {
      await decision()
      setRejecting(false)
      await onDecided()
    } catch (error) {
      setProblem(error instanceof OfflineError ? text.value.offline : (error as Error).message)
      setBusy(false)
    }
  }
  const accept = () => decide(() => approve(id, revision))
  useKeys({ a: accept, x: () => setRejecting(true) })
  const status = review.review_status!
  return (
    <section class="row review" aria-label={t.review}>
      <span class={`badge ${status}`}>{t.reviewStates[status]}</span>
      {review.reviewer && <span class="minor">{review.reviewer}</span>}
      {review.reason && (
        <span class="minor">
          <q>{review.reason}</q>
        </span>
      )}
      {isRejecting ? (
        <RejectForm onReject={reason => decide(() => reject(id, reason, revision))} onCancel={() => setRejecting(false)} />
      ) : (
        <>
          <button type="button" class="primary" disabled={isBusy || status === 'approved'} onClick={accept} aria-keyshortcuts="A">
            {t.approve}
          </button>
          <button type="button" class="danger" disabled={isBusy} onClick={() => setRejecting(true)} aria-keyshortcuts="X">
            {t.reject}
          </button>
        </>
      )}
      <span class="problem" role="alert">
        {problem}
      </span>
    </section>
  )
}
