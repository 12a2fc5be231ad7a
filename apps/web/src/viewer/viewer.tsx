import { useState } from 'preact/hooks'
import type { Task } from '../api/tasks.js'
import { Corrector } from '../correct/corrector.js'
import { isEmpty } from '../correct/draft.js'
import { draftOf } from '../correct/drafts.js'
import type { Tool } from '../correct/use-drawing.js'
import { replacePlace } from '../place.js'
import { ReviewBar } from '../review/review-bar.js'
import { useKeys } from '../stage/keys.js'
import { isSphere } from '../stage/sphere-view.js'
import { useDecoded } from '../stage/use-decoded.js'
import { useDisplay } from '../stage/use-display.js'
import { text } from '../text/index.js'
import { saveImage } from './image.js'
import { type Direction, neighbours } from './neighbours.js'
import { TurnedImage } from './turned-image.js'
import { useOriginal } from './use-original.js'
import { useViewed } from './use-viewed.js'
import { ViewerBar } from './viewer-bar.js'

/** Kept from one image to the next. */
let toolBefore: Tool = 'select'

/** One image: before and after, its regions to correct, its review, the next one by a key. */
export function Viewer({ id }: { id: string }) {
  const [problem, setProblem] = useState('')
  const [tool, setTool] = useState(toolBefore)
  toolBefore = tool
  const [display, onDisplay] = useDisplay()
  const { image, reload } = useViewed(id, setProblem)
  const decoded = useDecoded(image?.file, setProblem)
  const originalFile = useOriginal(id, display.isComparing || display.isOriginal, setProblem)
  const original = useDecoded(originalFile, setProblem)
  const canTurn = decoded !== undefined && isSphere(decoded.size)
  const go = (direction: Direction) => step(id, direction)
  const decided = async () => {
    if (!(await go('older'))) await reload()
  }
  const download = async () => image && saveImage(image)
  useKeys({
    ArrowLeft: () => go('newer'),
    ArrowRight: () => go('older'),
    c: () => onDisplay({ isComparing: !display.isComparing }),
    r: () => onDisplay({ hasRegions: !display.hasRegions }),
    w: () => canTurn && onDisplay({ isSphere: !display.isSphere }),
    b: () => onDisplay({ isOriginal: true }),
    d: download,
    Escape: () => replacePlace('#/images'),
  })
  const review = image?.review?.review_status && (
    <ReviewBar
      {...{ id, review: image.review, revision: image.found.revision, onDecided: decided }}
      isDirty={!isEmpty(draftOf(id).now)}
    />
  )
  return (
    <main class="viewer">
      <ViewerBar {...{ id, image, canTurn, display, onDisplay }} onStep={go} onDownload={download} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {image?.file && canTurn && display.isSphere ? (
        <TurnedImage
          {...{ id, found: image.found, width: decoded.size.width, display, onProblem: setProblem }}
          file={(display.isOriginal && originalFile) || image.file}
        >
          {review}
        </TurnedImage>
      ) : image && decoded ? (
        <Corrector {...{ id, image, decoded, original, display, tool, reload }} onTool={setTool}>
          {review}
        </Corrector>
      ) : image?.file || !image ? (
        !problem && <Loading />
      ) : (
        <NoImage task={image.task} />
      )}
    </main>
  )
}

function Loading() {
  return (
    <p class="empty" role="status">
      {text.value.loading}
    </p>
  )
}

/** Instead of an image that has failed or is not done. */
function NoImage({ task: { failure_cause: cause } }: { task: Task }) {
  const t = text.value
  return <p class="empty">{cause ? (t.causes[cause] ?? cause) : t.notReady}</p>
}

/** Goes to an image beside one. @returns whether there is one */
async function step(id: string, direction: Direction): Promise<boolean> {
  const next = (await neighbours(id))[direction]
  if (next !== undefined) replacePlace(`#/image/${next}`)
  return next !== undefined
}
