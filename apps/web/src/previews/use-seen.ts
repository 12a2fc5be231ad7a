import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Whether an element has come into view. */
export function useSeen(element: RefObject<Element | null>): boolean {
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    const observer = new IntersectionObserver(entries => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      setSeen(true)
    })
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [])
  return isSeen
}
