import { Header } from './account/header.js'
import { SignIn } from './account/sign-in.js'
import { session } from './api/session.js'
import { place } from './place.js'
import { Images } from './tasks/images.js'
import { UploadPage } from './upload/upload-page.js'
import { Viewer } from './viewer/viewer.js'

export function App() {
  if (session.value === undefined) return null
  if (session.value === null) return <SignIn />
  const at = place.value
  if (at.view === 'image') return <Viewer key={at.id} id={at.id} />
  return (
    <>
      <Header />
      <main>{at.view === 'images' ? <Images /> : <UploadPage />}</main>
    </>
  )
}
