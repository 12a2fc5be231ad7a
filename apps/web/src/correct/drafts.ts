/**
 * The drafts of all images. They outlive the viewer, a session that expires and a reload, until the
 * user signs out; another user does not get them.
 */
import { signal } from '@preact/signals'
import { session } from '../api/session.js'
import { type History, isEmpty, NO_HISTORY } from './draft.js'

interface Drafts {
  username: string
  /** By task ID. */
  histories: Readonly<Record<string, History>>
}

const STORED = 'obscura.drafts'

const drafts = signal<Drafts>(stored())

drafts.subscribe(value => {
  try {
    if (Object.keys(value.histories).length === 0) sessionStorage.removeItem(STORED)
    else sessionStorage.setItem(STORED, JSON.stringify(value))
  } catch {
    // Private windows may forbid it.
  }
})

session.subscribe(value => {
  if (value && value.username !== drafts.peek().username) drafts.value = { username: value.username, histories: {} }
})

export const draftOf = (id: string): History => drafts.value.histories[id] ?? NO_HISTORY

/** Keeps the draft of a task, or forgets it when it has no changes. */
export function setDraft(id: string, history: History): void {
  const { [id]: _, ...others } = drafts.value.histories
  const isNothing = isEmpty(history.now) && history.past.length + history.future.length === 0
  drafts.value = { ...drafts.value, histories: isNothing ? others : { ...others, [id]: history } }
}

/** Removes all drafts, also what the browser stores of them. */
export function forgetDrafts(): void {
  drafts.value = { ...drafts.value, histories: {} }
}

/** Whether anything would be lost if the page were left. */
export const hasDrafts = () => Object.values(drafts.value.histories).some(({ now }) => !isEmpty(now))

function stored(): Drafts {
  try {
    const value = JSON.parse(sessionStorage.getItem(STORED) ?? 'null')
    if (typeof value?.username === 'string' && typeof value.histories === 'object') return value
  } catch {
    // Private windows may forbid it.
  }
  return { username: '', histories: {} }
}
