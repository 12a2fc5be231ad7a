import { useEffect, useState } from 'preact/hooks'
import { OfflineError } from '../api/session.js'
import { listTasks, type TaskFilter, type TaskItem } from '../api/tasks.js'
import { useNewest } from '../newest.js'
import { text } from '../text/index.js'

const PAGE = 24
const POLL_MS = 3000

const isKept = ({ task_status }: TaskItem) => task_status !== 'deleted'

/**
 * The images of a filter, newest first, page by page.
 * @param isStill the list must not change by itself
 */
export function useListed(filter: TaskFilter, isStill: boolean) {
  const [items, setItems] = useState<TaskItem[]>()
  const [more, setMore] = useState<number | null>(null)
  const [problem, setProblem] = useState('')
  const ask = useNewest()
  const load = async (before: number | null) => {
    const isNewest = ask()
    try {
      const page = await listTasks(PAGE, filter, before)
      if (!isNewest()) return
      const listed = page.items.filter(isKept)
      setItems(known => (before === null ? listed : [...(known ?? []), ...listed]))
      setMore(page.next_page_key)
      setProblem('')
    } catch (error) {
      if (isNewest()) setProblem(error instanceof OfflineError ? text.value.offline : (error as Error).message)
    }
  }
  useEffect(() => {
    setItems(undefined)
    void load(null)
  }, [filter])
  // Changes of the newest page show by themselves, until older pages are looked at.
  const isMoving = items !== undefined && items.length <= PAGE && !isStill
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(() => load(null), POLL_MS)
    return () => clearInterval(timer)
  }, [isMoving, filter])
  return {
    items: items ?? [],
    /** The first page is there. */
    isLoaded: items !== undefined,
    hasMore: more !== null,
    problem,
    /** Reads the newest page again. */
    reload: () => load(null),
    loadMore: () => load(more),
  }
}

/** Images of one request, and that can be selected at once. */
const MAX_PAGE = 300
const MAX_SELECTED = 10_000

/**
 * The ids of all images of a filter, as far as they can be selected at once.
 * @throws ApiError, OfflineError
 */
export async function listIds(filter: TaskFilter): Promise<number[]> {
  const ids: number[] = []
  let before: number | null = null
  do {
    const page = await listTasks(MAX_PAGE, filter, before)
    ids.push(...page.items.filter(isKept).map(item => item.task_id))
    before = page.next_page_key
  } while (before !== null && ids.length < MAX_SELECTED)
  return ids.slice(0, MAX_SELECTED)
}
