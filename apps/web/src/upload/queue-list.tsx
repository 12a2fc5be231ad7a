import { useEffect, useState } from 'preact/hooks'
import { duration, text } from '../text/index.js'
import { clearFinished, counts, isPaused, isWorking, pause, resume, retry, type Upload, uploads } from './queue.js'

/** Rows that are drawn; of thousands of files the first that are not finished. */
const SHOWN = 200

export function QueueList() {
  const t = text.value
  const { done, failed, stopped } = counts.value
  const all = uploads.value.length
  const open = uploads.value.filter(({ state }) => state !== 'done')
  const shown = [...open, ...uploads.value.filter(({ state }) => state === 'done')].slice(0, SHOWN)
  return (
    <section class="queue" aria-label={t.queue}>
      <div class="row">
        <h2>{t.queue}</h2>
        <span aria-live="polite">
          {t.progress(done, all)}
          {failed > 0 && `, ${t.failures(failed)}`}
          <TimeLeft finished={done + failed} all={all} />
        </span>
        <span class="grow" />
        {isWorking.value && !isPaused.value && (
          <button type="button" onClick={pause}>
            {t.pause}
          </button>
        )}
        {(isPaused.value || stopped > 0) && (
          <button type="button" onClick={resume}>
            {t.resume}
          </button>
        )}
        {failed > 0 && (
          <button type="button" onClick={() => retry()}>
            {t.retryFailed}
          </button>
        )}
        {done + failed > 0 && (
          <button type="button" onClick={clearFinished}>
            {t.clearFinished}
          </button>
        )}
      </div>
      <progress max={all} value={done + failed} aria-label={t.progress(done, all)} />
      <ul>
        {shown.map(item => (
          <Row key={item.key} item={item} />
        ))}
      </ul>
      {shown.length < all && <p class="minor">… {all - shown.length}</p>}
    </section>
  )
}

function Row({ item }: { item: Upload }) {
  const t = text.value
  const { path, state, progress, problem, taskId } = item
  const reason = problem && (t.causes[problem] ?? problem)
  return (
    <li class={state}>
      <span class="name">{taskId && state === 'done' ? <a href={`#/image/${taskId}`}>{path}</a> : path}</span>
      {state === 'uploading' ? (
        <progress max={1} value={progress} aria-label={path} />
      ) : (
        <span class={`state ${state}`}>{t.states[state]}</span>
      )}
      {reason && <span class="reason">{reason}</span>}
    </li>
  )
}

/** An estimate from the speed since the queue began to move. */
function TimeLeft({ finished, all }: { finished: number; all: number }) {
  const [start, setStart] = useState({ time: 0, finished: 0 })
  useEffect(() => {
    if (finished === all || start.time === 0 || finished < start.finished) setStart({ time: Date.now(), finished })
  }, [finished, all])
  const speed = (finished - start.finished) / (Date.now() - start.time)
  if (finished === all || finished - start.finished < 3) return null
  return <>, {text.value.remaining(duration((all - finished) / speed / 1000))}</>
}
