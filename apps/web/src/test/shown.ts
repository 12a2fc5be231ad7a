/** Components in a document, as a browser shows them. */
import { type ComponentChild, render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach } from 'vitest'

afterEach(() => act(() => render(null, document.body)))

/** Shows a component, and ends what was shown before. */
export async function show(component: ComponentChild): Promise<void> {
  await act(() => render(component, document.body))
}

/** Runs what changes something, and waits until that is shown. */
export async function after(change: () => unknown): Promise<void> {
  await act(async () => {
    await change()
  })
}

export const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)]

/** Without the spaces between elements. */
export const textOf = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim()

/** @throws when no button has the name */
export function button(name: string): HTMLButtonElement {
  const found = all('button').find(element => textOf(element) === name)
  if (!found) throw new Error(`There is no button ${name}, but ${all('button').map(textOf)}.`)
  return found as HTMLButtonElement
}

export const press = (name: string) => after(() => button(name).click())

/** Enters a text, or chooses an entry. */
export const enter = (selector: string, value: string) =>
  after(() => {
    const field = document.querySelector(selector) as HTMLInputElement | HTMLSelectElement
    field.value = value
    field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }))
  })
