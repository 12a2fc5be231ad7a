import { render } from 'preact'
import { resumeSession, session } from './api/session.js'
import { App } from './app.js'
import './style.css'

resumeSession().catch(() => {
  session.value = null
})
render(<App />, document.getElementById('page')!)
