import { useState } from 'preact/hooks'
import { signIn } from '../api/session.js'
import { hasDrafts } from '../correct/drafts.js'
import { text } from '../text/index.js'
import { uploads } from '../upload/queue.js'
import { LanguageChoice } from './header.js'

/** The form for signing in. */
export function SignIn() {
  const t = text.value
  const [problem, setProblem] = useState(uploads.value.length > 0 || hasDrafts() ? t.sessionOver : '')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    setBusy(true)
    setProblem('')
    await signIn(String(form.get('username')), String(form.get('password'))).catch(error => {
      setProblem(error.name === 'OfflineError' ? text.value.offline : error.message)
      setBusy(false)
    })
  }
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <img src="icon.svg" alt="" width="56" height="56" />
        <h1>{t.signInTitle}</h1>
        <label>
          {t.username}
          <input name="username" autocomplete="username" autocapitalize="none" required autofocus />
        </label>
        <label>
          {t.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {t.signIn}
        </button>
        <LanguageChoice />
      </form>
    </main>
  )
}
