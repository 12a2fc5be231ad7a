/** The correction of one image: its draft, saving it, and what can be in the way. */
import { useState } from 'preact/hooks'
import { correct, getRegions, type Regions } from '../api/corrections.js'
import { ApiError, OfflineError } from '../api/session.js'
import { text } from '../text/index.js'
import { correctionBody, type Draft, draftRegions, edited, isEmpty, NO_HISTORY, onRegions, redone, undone } from './draft.js'
import { draftOf, setDraft } from './drafts.js'

const POLL_MS = 500

export type Saving = 'idle' | 'saving' | 'conflict'

/** @param reload reads the image again, with the files of its newest revision */
export function useCorrection(id: string, found: Regions | undefined, reload: () => Promise<void>) {
  const [saving, setSaving] = useState<Saving>('idle')
  const [problem, setProblem] = useState('')
  const history = draftOf(id)

  const send = async (body: object, onAccepted: () => void) => {
    if (saving === 'saving') return
    setSaving('saving')
    setProblem('')
    try {
      const { rendering } = await correct(id, body, found?.revision)
      onAccepted()
      const end = rendering === 'pending' ? await rendered(id) : rendering
      if (end === 'failed') setProblem(text.value.renderingFailed)
      await reload()
      setSaving('idle')
    } catch (error) {
      const isConflict = error instanceof ApiError && error.status === 409
      setSaving(isConflict ? 'conflict' : 'idle')
      setProblem(isConflict ? text.value.conflict : error instanceof OfflineError ? text.value.offline : (error as Error).message)
    }
  }
  const save = () =>
    isEmpty(history.now) ? Promise.resolve() : send(correctionBody(history.now), () => setDraft(id, NO_HISTORY))
  /** After a conflict: the newest regions, with what still applies of the draft. */
  const takeNewest = async () => {
    const { regions } = await getRegions(id)
    setDraft(id, { ...NO_HISTORY, now: onRegions(history.now, regions) })
    await reload()
    setSaving('idle')
    setProblem('')
  }
  return {
    regions: draftRegions(found?.regions ?? [], history.now),
    isPossible: found?.revision !== undefined,
    isDirty: !isEmpty(history.now),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    saving,
    problem,
    edit: (change: (draft: Draft) => Draft) => setDraft(id, edited(draftOf(id), change(draftOf(id).now))),
    undo: () => setDraft(id, undone(draftOf(id))),
    redo: () => setDraft(id, redone(draftOf(id))),
    save,
    takeNewest,
    revert: (revision: number) => send({ revert: revision }, () => setDraft(id, NO_HISTORY)),
  }
}

export type Correction = ReturnType<typeof useCorrection>

async function rendered(id: string): Promise<Regions['rendering']> {
  for (;;) {
    const { rendering } = await getRegions(id)
    if (rendering !== 'pending') return rendering
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}
