import { useLayoutEffect } from 'preact/hooks'

/** Fields in which keys are text. */
const FIELDS = 'input:not([type=checkbox], [type=range]), select, textarea'

const isControl = ({ ctrlKey, metaKey }: KeyboardEvent) => ctrlKey || metaKey

/** Whether the key belongs to the element that has the focus, or to another handler. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  const isPress = event.key === ' ' || event.key === 'Enter'
  const isPressed = isPress && !isControl(event) && target.matches('button, a, input, summary')
  const isSlid = event.key.startsWith('Arrow') && target.matches('[type=range]')
  return event.defaultPrevented || event.altKey || target.matches(FIELDS) || isPressed || isSlid
}

function useListener(down: (event: KeyboardEvent) => void, capture: boolean): void {
  // Not after the next frame: the next key may come before it, and means what is shown by then.
  useLayoutEffect(() => {
    addEventListener('keydown', down, { capture })
    return () => removeEventListener('keydown', down, { capture })
  })
}

/** Actions by key while a component is shown; "ctrl+s" also stands for the command key. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  useListener(event => {
    if (isTaken(event)) return
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const action = actions[isControl(event) ? `ctrl+${event.shiftKey ? 'shift+' : ''}${name}` : name]
    if (!action) return
    event.preventDefault()
    action()
  }, false)
}

/** Takes keys before all actions, wherever defined; `onKey` returns whether it took one. */
export function useFirstKeys(onKey: (event: KeyboardEvent) => boolean): void {
  useListener(event => {
    if (!isTaken(event) && !isControl(event) && onKey(event)) event.preventDefault()
  }, true)
}
