import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { OfflineError } from '../api/session.js'
import { Corrector } from '../correct/corrector.js'
import { isEmpty } from '../correct/draft.js'
import { draftOf } from '../correct/drafts.js'
import type { Tool } from '../correct/use-drawing.js'
import { replacePlace } from '../place.js'
import { ReviewBar } from '../review/review-bar.js'
import { useKeys } from '../stage/keys.js'
import type { Looks } from '../stage/looks.js'
import { isSphere, SphereView } from '../stage/sphere-view.js'
import { useDecoded } from '../stage/use-decoded.js'
import { fileName, save } from '../tasks/zip.js'
import { text } from '../text/index.js'
import { readAhead, readImage, takeImage, type ViewedImage } from './image.js'
import { neighbours } from './neighbours.js'
import { useOriginal } from './use-original.js'

/** Statuses after which an image can still become done; it is looked up this often. */
const MOVING = ['new', 'queued', 'processing']
const POLL_MS = 2000

/** Kept from one image to the next. */
let looksBefore: Looks = { isComparing: false, isOriginal: false, hasRegions: true, isSphere: false }
let toolBefore: Tool = 'select'

/** One image: before and after, its regions to correct, its review, the next one by a key. */
export function Viewer({ id }: { id: string }) {
  const t = text.value
  const [image, setImage] = useState<ViewedImage>()
  const [problem, setProblem] = useState('')
  const [looks, setLooks] = useState(looksBefore)
  const [tool, setTool] = useState(toolBefore)
  looksBefore = { ...looks, isOriginal: false }
  toolBefore = tool
  const task = image?.task
  const look = (change: Partial<Looks>) => setLooks(now => ({ ...now, ...change }))

  const show = (read: Promise<ViewedImage>) =>
    read.then(
      value => {
        setImage(value)
        setProblem('')
      },
      error => setProblem(error instanceof OfflineError ? text.value.offline : error.message),
    )
  const reload = () => show(readImage(id))
  useEffect(() => {
    void show(takeImage(id)).then(async () => {
      const { older } = await neighbours(id)
      if (older !== undefined) readAhead(String(older))
    })
  }, [])
  const isMoving = task !== undefined && MOVING.includes(task.task_status)
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(reload, POLL_MS)
    return () => clearInterval(timer)
  }, [isMoving])
  const decoded = useDecoded(image?.file, setProblem)
  const originalFile = useOriginal(id, looks.isComparing || looks.isOriginal, setProblem)
  const original = useDecoded(originalFile, setProblem)
  const canTurn = decoded !== undefined && isSphere(decoded.size)
  const isTurning = canTurn && looks.isSphere
  const go = async (direction: 'newer' | 'older') => {
    const next = (await neighbours(id))[direction]
    if (next !== undefined) replacePlace(`#/image/${next}`)
    return next !== undefined
  }
  const decided = async () => {
    if (!(await go('older'))) await reload()
  }
  const download = async () => {
    if (!task || !image.file) return
    const file = await image.file
    save(file, fileName(task, file.type).split('/').at(-1)!)
  }
  const actions = {
    ArrowLeft: () => go('newer'),
    ArrowRight: () => go('older'),
    c: () => look({ isComparing: !looks.isComparing }),
    r: () => look({ hasRegions: !looks.hasRegions }),
    w: () => canTurn && look({ isSphere: !looks.isSphere }),
    b: () => look({ isOriginal: true }),
    d: download,
    Escape: () => replacePlace('#/images'),
  }
  useKeys(actions)
  useLayoutEffect(() => {
    const up = (event: KeyboardEvent) => event.key.toLowerCase() === 'b' && look({ isOriginal: false })
    addEventListener('keyup', up)
    return () => removeEventListener('keyup', up)
  }, [])
  const name = task?.name || `#${id}`
  const cause = task?.failure_cause
  const review = image?.review?.review_status && (
    <ReviewBar
      {...{ id, review: image.review, revision: image.found.revision, onDecided: decided }}
      isDirty={!isEmpty(draftOf(id).now)}
    />
  )
  return (
    <main class="viewer">
      <div class="row bar">
        <a class="button" href="#/images">
          {t.back}
        </a>
        <h1 title={name}>{name}</h1>
        <span class="grow" />
        <button type="button" aria-label={t.previous} title={t.previous} onClick={actions.ArrowLeft}>
          ←
        </button>
        <button type="button" aria-label={t.next} title={t.next} onClick={actions.ArrowRight}>
          →
        </button>
        <button type="button" aria-pressed={looks.isComparing} disabled={!image?.file || isTurning} onClick={actions.c}>
          {t.compare}
        </button>
        <button
          type="button"
          aria-pressed={looks.isOriginal}
          disabled={!image?.file}
          onPointerDown={() => look({ isOriginal: true })}
          onPointerUp={() => look({ isOriginal: false })}
          onPointerLeave={() => look({ isOriginal: false })}
        >
          {t.blink}
        </button>
        {canTurn && (
          <button type="button" aria-pressed={looks.isSphere} onClick={actions.w}>
            {t.sphere}
          </button>
        )}
        <button type="button" aria-pressed={looks.hasRegions} onClick={actions.r}>
          {t.regions}
        </button>
        <button type="button" class="primary" disabled={!image?.file} onClick={download}>
          {t.download}
        </button>
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {image?.file && isTurning ? (
        <>
          {review && <div class="row tools">{review}</div>}
          <SphereView
            file={(looks.isOriginal && originalFile) || image.file}
            label={looks.isOriginal ? t.original : t.anonymized}
            onProblem={setProblem}
          />
        </>
      ) : image && decoded ? (
        <Corrector {...{ id, image, decoded, original, looks, tool, reload }} onTool={setTool}>
          {review}
        </Corrector>
      ) : task && !image.file ? (
        <p class="empty">{cause ? (t.causes[cause] ?? cause) : t.notReady}</p>
      ) : (
        !problem && (
          <p class="empty" role="status">
            {t.loading}
          </p>
        )
      )}
    </main>
  )
}
