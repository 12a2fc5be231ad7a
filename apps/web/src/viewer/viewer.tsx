import { useEffect, useState } from 'preact/hooks'
import { type Detection, getDetections, getTask, type Task } from '../api/tasks.js'
import { replacePlace } from '../place.js'
import { fileName, save } from '../tasks/zip.js'
import { text } from '../text/index.js'
import { neighbours } from './neighbours.js'
import { RegionList } from './region-list.js'
import { Stage } from './stage.js'

/** One image: before and after, what was found, the next one by a key. */
export function Viewer({ id }: { id: string }) {
  const t = text.value
  const [task, setTask] = useState<Task>()
  const [detections, setDetections] = useState<Detection[]>([])
  const [problem, setProblem] = useState('')
  const [isComparing, setComparing] = useState(false)
  const [isOriginal, setOriginal] = useState(false)
  const [hasRegions, setRegions] = useState(true)
  const [focus, setFocus] = useState<Detection>()

  useEffect(() => {
    getTask(id).then(setTask, error => setProblem(error.message))
    getDetections(id).then(setDetections, () => {})
  }, [])
  const go = async (direction: 'newer' | 'older') => {
    const next = (await neighbours(id))[direction]
    if (next !== undefined) replacePlace(`#/image/${next}`)
  }
  const download = async () => {
    if (!task?.anonymized_url) return
    const answer = await fetch(task.anonymized_url)
    save(await answer.blob(), fileName(task).split('/').at(-1)!)
  }
  const actions: Record<string, () => void> = {
    ArrowLeft: () => go('newer'),
    ArrowRight: () => go('older'),
    c: () => setComparing(is => !is),
    r: () => setRegions(has => !has),
    d: download,
    Escape: () => replacePlace('#/images'),
  }
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).matches('input, select, textarea'))
        return
      if (event.key === 'b') setOriginal(true)
      else actions[event.key]?.()
    }
    const up = (event: KeyboardEvent) => event.key === 'b' && setOriginal(false)
    addEventListener('keydown', down)
    addEventListener('keyup', up)
    return () => {
      removeEventListener('keydown', down)
      removeEventListener('keyup', up)
    }
  })
  const name = task?.name || `#${id}`
  const cause = task?.failure_cause
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
        <button type="button" aria-pressed={isComparing} disabled={!task?.original_url} onClick={actions.c}>
          {t.compare}
        </button>
        <button
          type="button"
          aria-pressed={isOriginal}
          disabled={!task?.original_url}
          onPointerDown={() => setOriginal(true)}
          onPointerUp={() => setOriginal(false)}
          onPointerLeave={() => setOriginal(false)}
        >
          {t.blink}
        </button>
        <button type="button" aria-pressed={hasRegions} onClick={actions.r}>
          {t.regions}
        </button>
        <button type="button" class="primary" disabled={!task?.anonymized_url} onClick={download}>
          {t.download}
        </button>
      </div>
      {problem && <p class="problem">{problem}</p>}
      {task?.anonymized_url ? (
        <div class="split">
          <Stage
            anonymized={task.anonymized_url}
            original={isComparing || isOriginal ? task.original_url : undefined}
            isWhole={isOriginal}
            detections={hasRegions ? detections : []}
            focus={focus}
          />
          <aside>
            {task.warnings.length > 0 && (
              <>
                <h2>{t.warnings}</h2>
                {task.warnings.map(warning => (
                  <p key={warning}>{warning}</p>
                ))}
              </>
            )}
            <RegionList detections={detections} focus={focus} onFocus={setFocus} />
            <p class="minor">{t.shortcuts}</p>
          </aside>
        </div>
      ) : (
        task && <p class="empty">{cause ? (t.causes[cause] ?? cause) : t.notReady}</p>
      )}
    </main>
  )
}
