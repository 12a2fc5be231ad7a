// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://service.example/" }
import { expect, test, vi } from 'vitest'
import { all, button, press, show, textOf } from '../test/shown.js'
import { Toolbar } from './toolbar.js'
import type { Correction } from './use-correction.js'

const correction = (change: Partial<Correction> = {}): Correction => ({
  ...{ regions: [], isPossible: true, isDirty: false, canUndo: false, canRedo: false, saving: 'idle', problem: '' },
  ...{ edit: vi.fn(), undo: vi.fn(), redo: vi.fn(), save: vi.fn(), takeNewest: vi.fn(), revert: vi.fn() },
  ...change,
})
const bar = (of: Correction, onTool = vi.fn()) => show(<Toolbar correction={of} tool="box" onTool={onTool} />)
const isDisabled = (...names: string[]) => names.map(name => button(name).disabled)

test('the tool in use is marked, and another can be chosen', async () => {
  const onTool = vi.fn()
  await bar(correction(), onTool)
  expect(all('[aria-pressed=true]').map(textOf)).toEqual(['Box'])
  await press('Brush')
  expect(onTool.mock.calls).toEqual([['brush']])
})

test('only what is possible can be pressed', async () => {
  await bar(correction())
  expect(isDisabled('Undo', 'Redo', 'Save')).toEqual([true, true, true])
  const changed = correction({ isDirty: true, canUndo: true, canRedo: true })
  await bar(changed)
  expect(isDisabled('Undo', 'Redo', 'Save')).toEqual([false, false, false])
  for (const name of ['Undo', 'Redo', 'Save']) await press(name)
  expect([changed.undo, changed.redo, changed.save].map(action => vi.mocked(action).mock.calls.length)).toEqual([1, 1, 1])
  await bar(correction({ isDirty: true, saving: 'saving' }))
  expect(isDisabled('Saving …')).toEqual([true])
})

test('a conflict is reported, with the way out', async () => {
  const conflict = correction({ isDirty: true, saving: 'conflict', problem: 'Somebody else was faster.' })
  await bar(conflict)
  expect(textOf(document.querySelector('[role=status]'))).toBe('Somebody else was faster.')
  await press('Load the newest version')
  expect(conflict.takeNewest).toHaveBeenCalledOnce()
  await bar(correction())
  expect(() => button('Load the newest version')).toThrow()
})
