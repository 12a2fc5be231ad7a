import { session } from '../api/session.js'
import { place } from '../place.js'
import { LANGUAGES, language, text } from '../text/index.js'
import { leave } from './leave.js'

/** Navigation, language and account. */
export function Header() {
  const t = text.value
  const current = (view: string) => (place.value.view === view ? 'page' : undefined)
  return (
    <header>
      <a class="brand" href="#/upload">
        <img src="icon.svg" alt="" width="28" height="28" /> <span>Obscura</span>
      </a>
      <nav>
        <a href="#/upload" aria-current={current('upload')}>
          {t.upload}
        </a>
        <a href="#/images" aria-current={current('images')}>
          {t.images}
        </a>
        <a href="#/usage" aria-current={current('usage')}>
          {t.usage}
        </a>
        {session.value!.isAdmin && (
          <a href="#/admin" aria-current={current('admin')}>
            {t.administration}
          </a>
        )}
        <a href="docs/" class="minor">
          {t.apiReference}
        </a>
      </nav>
      <div class="account">
        <LanguageChoice />
        <span class="minor" title={t.signedInAs(session.value!.username)}>
          {session.value!.username}
        </span>
        <button type="button" onClick={leave}>
          {t.signOut}
        </button>
      </div>
    </header>
  )
}

/** Chooses the language of the page. */
export function LanguageChoice() {
  return (
    <select
      aria-label="Language / Sprache"
      value={language.value}
      onChange={event => (language.value = event.currentTarget.value)}
    >
      {Object.entries(LANGUAGES).map(([key, texts]) => (
        <option key={key} value={key}>
          {texts.language}
        </option>
      ))}
    </select>
  )
}
