import { Command } from 'commander'
import { expect, test } from 'vitest'
import { BENCHES } from './benches.js'

test.each(Object.entries(BENCHES))('%s loads, and its help tells every option', async (name, { summary, load }) => {
  const bench = await load()
  const command = new Command(name).description(summary)
  bench.command?.(command)
  expect(bench.run).toBeTypeOf('function')
  const help = command.helpInformation()
  for (const { long, description } of command.options) {
    expect(help).toContain(long)
    expect(description, `${name} ${long}`).not.toBe('')
  }
})
