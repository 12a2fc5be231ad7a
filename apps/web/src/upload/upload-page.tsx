import { useEffect, useState } from 'preact/hooks'
import { text } from '../text/index.js'
import { type Chosen, chosenFiles, droppedFiles } from './dropped.js'
import { ParameterForm } from './parameter-form.js'
import { parameters } from './presets.js'
import { unkept, uploads } from './queue.js'
import { QueueList } from './queue-list.js'
import { addFiles } from './work.js'

const CLASSES = ['face', 'license_plate', 'person', 'vehicle']

/** The page "Upload". */
export function UploadPage() {
  const t = text.value
  const [isOver, setOver] = useState(false)
  const isChosen = CLASSES.some(name => parameters.value[name] === true)
  const add = (files: Chosen[]) => addFiles(files, parameters.value)
  useWarning(unkept.value > 0)

  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (isChosen && event.dataTransfer) add(await droppedFiles(event.dataTransfer))
  }
  const choose = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement
    add(chosenFiles(input.files))
    input.value = ''
  }
  return (
    <div class="upload">
      <section aria-label={t.upload}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside do the same by keyboard */}
        <div
          class={`drop ${isOver ? 'over' : ''}`}
          onDragOver={event => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <strong>{t.dropHere}</strong>
          <span class="minor">{t.dropMore}</span>
          <div class="row">
            <FileButton label={t.chooseFiles} isFolder={false} disabled={!isChosen} onChange={choose} />
            <FileButton label={t.chooseFolder} isFolder disabled={!isChosen} onChange={choose} />
          </div>
          {!isChosen && <p class="problem">{t.chooseSomething}</p>}
        </div>
        {uploads.value.length > 0 && <QueueList />}
      </section>
      <ParameterForm />
    </div>
  )
}

interface FileButtonProps {
  label: string
  isFolder: boolean
  disabled: boolean
  onChange: (event: Event) => void
}

function FileButton({ label, isFolder, disabled, onChange }: FileButtonProps) {
  return (
    <label class={`button ${isFolder ? '' : 'primary'} ${disabled ? 'disabled' : ''}`}>
      {label}
      <input
        type="file"
        multiple
        class="hidden"
        disabled={disabled}
        accept={isFolder ? undefined : 'image/jpeg,image/png'}
        {...(isFolder && { webkitdirectory: true })}
        onChange={onChange}
      />
    </label>
  )
}

/** Asks before the page is left while files wait that would have to be chosen again. */
function useWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [isNeeded])
}
