import type { ComponentType } from 'preact'
import { Header } from './account/header.js'
import { SignIn } from './account/sign-in.js'
import { session } from './api/session.js'
import { lazy } from './lazy.js'
import { type Place, place } from './place.js'
import { Images } from './tasks/images.js'
import { UploadPage } from './upload/upload-page.js'
import { Viewer } from './viewer/viewer.js'

const VIEWS: Record<Exclude<Place['view'], 'image'>, ComponentType> = {
  upload: UploadPage,
  images: Images,
  admin: lazy(async () => (await import('./admin/admin-page.js')).AdminPage),
  usage: lazy(async () => (await import('./usage/usage-page.js')).UsagePage),
}

/** The page: nothing until the session is known, then the form or the views. */
export function App() {
  if (session.value === undefined) return null
  if (session.value === null) return <SignIn />
  // Nothing that is shown to one user stays for another one who signs in in another tab.
  return <Views key={session.value.username} />
}

function Views() {
  const at = place.value
  if (at.view === 'image') return <Viewer key={at.id} id={at.id} />
  const View = VIEWS[at.view]
  return (
    <>
      <Header />
      <main>
        <View />
      </main>
    </>
  )
}
