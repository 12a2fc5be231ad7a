import { text } from '../text/index.js'

const MAX_REASON = 1000

interface Props {
  onReject: (reason: string) => void
  onCancel: () => void
}

/** Asks why results are rejected. */
export function RejectForm({ onReject, onCancel }: Props) {
  const t = text.value
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason')).trim()
    if (reason) onReject(reason)
  }
  return (
    <form class="row reject" onSubmit={submit} onKeyDown={event => event.key === 'Escape' && onCancel()}>
      <label class="row grow">
        {t.reason}
        <input name="reason" class="grow" maxLength={MAX_REASON} required autofocus ref={input => input?.focus()} />
      </label>
      <button type="submit" class="danger">
        {t.reject}
      </button>
      <button type="button" onClick={onCancel}>
        {t.cancel}
      </button>
    </form>
  )
}
