import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { text } from './text/index.js'

/** A view whose code is loaded when it is first shown. */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | undefined
  return function Lazy() {
    const [View, setView] = useState(() => loaded)
    const [isMissing, setMissing] = useState(false)
    useEffect(() => {
      if (loaded) return
      load().then(
        view => {
          loaded = view
          setView(() => view)
        },
        () => setMissing(true),
      )
    }, [])
    if (isMissing) return <p class="problem">{text.value.outdated}</p>
    return View ? <View /> : null
  }
}
