import type { Correction } from './use-correction.js'
import type { Tool } from './use-drawing.js'

/** What keys do while an image is corrected: tools, undo and redo, save, remove. */
export function correctionKeys({ undo, redo, save }: Correction, choose: (tool: Tool) => void, remove: () => void) {
  return {
    v: () => choose('select'),
    e: () => choose('remove'),
    n: () => choose('box'),
    p: () => choose('polygon'),
    f: () => choose('brush'),
    z: undo,
    y: redo,
    s: save,
    'ctrl+z': undo,
    'ctrl+shift+z': redo,
    'ctrl+y': redo,
    'ctrl+s': save,
    Delete: remove,
    Backspace: remove,
  }
}
