import { text } from '../text/index.js'
import type { Correction } from './use-correction.js'
import type { Tool } from './use-drawing.js'

const TOOLS: readonly Tool[] = ['select', 'remove', 'box', 'polygon', 'brush']

interface Props {
  correction: Correction
  tool: Tool
  onTool: (tool: Tool) => void
}

/** The tools of a correction, undo and redo, and saving. */
export function Toolbar({ correction, tool, onTool }: Props) {
  const t = text.value
  const { isDirty, saving, problem } = correction
  return (
    <div class="row toolbar" role="toolbar" aria-label={t.correct}>
      {TOOLS.map(name => (
        <button key={name} type="button" aria-pressed={tool === name} title={t.toolHints[name]} onClick={() => onTool(name)}>
          {t.tools[name]}
        </button>
      ))}
      <button type="button" disabled={!correction.canUndo} onClick={correction.undo}>
        {t.undo}
      </button>
      <button type="button" disabled={!correction.canRedo} onClick={correction.redo}>
        {t.redo}
      </button>
      <button type="button" class="primary" disabled={!isDirty || saving === 'saving'} onClick={correction.save}>
        {saving === 'saving' ? t.saving : t.save}
      </button>
      <span role="status" class="problem">
        {problem}
      </span>
      {saving === 'conflict' && (
        <button type="button" onClick={correction.takeNewest}>
          {t.takeNewest}
        </button>
      )}
    </div>
  )
}
