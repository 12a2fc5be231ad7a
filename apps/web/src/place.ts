/** Which view is shown: the part of the address after #. */
import { signal } from '@preact/signals'

const VIEWS = ['images', 'usage', 'admin'] as const

export type Place = { view: 'upload' | (typeof VIEWS)[number] } | { view: 'image'; id: string }

export const place = signal<Place>(read())
addEventListener('hashchange', () => {
  place.value = read()
})

function read(): Place {
  const [, view, id] = location.hash.split('/')
  if (view === 'image' && /^\d+$/.test(id ?? '')) return { view, id }
  return { view: VIEWS.find(known => known === view) ?? 'upload' }
}

/** Goes to a view without an entry in the browser's history for each image. */
export function replacePlace(hash: string): void {
  history.replaceState(null, '', hash)
  place.value = read()
}
