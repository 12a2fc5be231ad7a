import { useEffect, useState } from 'preact/hooks'
import { Preview } from '../previews/preview.js'
import { duration, text } from '../text/index.js'
import { clear } from './list.js'
import { counts, ENDED, isPaused, isWorking, UNREACHED, type Upload, type UploadState, unkept, uploads } from './queue.js'
import { canRetry, pause, resume, retry } from './work.js'

/** Rows that are drawn; of thousands of files the first that are not finished. */
const SHOWN = 200

const isUnreached = ({ state, problem }: Upload) => state === 'stopped' && problem === UNREACHED

/** The list of uploads, with its buttons. */
export function QueueList() {
  const t = text.value
  const { done, failed, review, stopped, missing } = counts.value
  const ended = ENDED.reduce((sum, state) => sum + counts.value[state], 0)
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
          {review > 0 && `, ${t.inReview(review)}`}
          <TimeLeft finished={ended} all={all} />
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
        {uploads.value.some(canRetry) && (
          <button type="button" onClick={() => retry()}>
            {t.retryFailed}
          </button>
        )}
        {ended > 0 && (
          <button type="button" onClick={() => clear(ENDED)}>
            {t.clearFinished}
          </button>
        )}
      </div>
      <progress max={all} value={ended} aria-label={t.progress(done, all)} />
      {uploads.value.some(isUnreached) && (
        <p class="problem" role="status">
          {t.offline}
        </p>
      )}
      {missing > 0 && (
        <p class="problem row" role="status">
          {t.missing(missing)}
          <button type="button" onClick={() => clear(['missing'])}>
            {t.dropMissing}
          </button>
        </p>
      )}
      {unkept.value > 0 && <p class="minor">{t.unkept(unkept.value)}</p>}
      <ul>
        {shown.map(item => (
          <Row key={item.key} item={item} />
        ))}
      </ul>
      {shown.length < all && <p class="minor">{t.moreFiles(all - shown.length)}</p>}
    </section>
  )
}

/** Of files whose task can be looked at. */
const SHOWN_STATES: readonly UploadState[] = ['done', 'review', 'rejected']

function Row({ item }: { item: Upload }) {
  const t = text.value
  const { path, state, progress, problem, taskId } = item
  const reason = problem && problem !== UNREACHED && (t.causes[problem] ?? problem)
  return (
    <li class={state}>
      <span class="name">
        {state === 'done' && <Preview id={taskId!} />}
        {taskId && SHOWN_STATES.includes(state) ? <a href={`#/image/${taskId}`}>{path}</a> : path}
      </span>
      {state === 'uploading' ? (
        <progress max={1} value={progress} aria-label={path} />
      ) : (
        <span class={`state ${state}`}>{t.states[state]}</span>
      )}
      {reason && <span class="reason">{reason}</span>}
    </li>
  )
}

/** An estimate from the speed since the queue began to move, or went on after a pause. */
function TimeLeft({ finished, all }: { finished: number; all: number }) {
  const [start, setStart] = useState({ time: 0, finished: 0 })
  useEffect(() => {
    if (finished === all || start.time === 0 || finished < start.finished) setStart({ time: Date.now(), finished })
  }, [finished, all])
  useEffect(() => setStart({ time: Date.now(), finished }), [isPaused.value])
  const speed = (finished - start.finished) / (Date.now() - start.time)
  if (isPaused.value || finished === all || finished - start.finished < 3) return null
  return <>, {text.value.remaining(duration((all - finished) / speed / 1000))}</>
}
