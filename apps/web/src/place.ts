/** Which view is shown: the part of the address after #. */
import { signal } from '@preact/signals'

export type Place = { view: 'upload' } | { view: 'images' } | { view: 'image'; id: string }

export const place = signal<Place>(read())
addEventListener('hashchange', () => {
  place.value = read()
})

function read(): Place {
  const [, view, id] = location.hash.split('/')
  if (view === 'image' && /^\d+$/.test(id ?? '')) return { view, id }
  return view === 'images' ? { view } : { view: 'upload' }
}

/** Goes to a view without an entry in the browser's history for each image. */
export function replacePlace(hash: string): void {
  history.replaceState(null, '', hash)
  place.value = read()
}
