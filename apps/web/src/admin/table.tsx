import type { ComponentChildren } from 'preact'

interface TableProps {
  /** Names of the columns, all different. */
  columns: readonly string[]
  /** Name of one more column, of buttons, for screen readers alone. */
  actions?: string
  /** The rows. */
  children: ComponentChildren
}

/** A table that scrolls sideways where it is wider than its panel. */
export function Table({ columns, actions, children }: TableProps) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {columns.map(name => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {actions && (
              <th scope="col">
                <span class="hidden">{actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
