import { useRef } from 'preact/hooks'

/**
 * Responses can overtake each other: only that of the newest request counts.
 * @returns a function to call at each request; what it returns tells whether there was none since
 */
export function useNewest(): () => () => boolean {
  const newest = useRef(0)
  return () => {
    const turn = ++newest.current
    return () => turn === newest.current
  }
}
