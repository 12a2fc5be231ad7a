/**
 * `npm run bench -- NAME`: runs a benchmark and prints its tables; without a name it lists them
 * all.
 */
import { Command } from 'commander'
import { BENCHES } from './benches.js'
import { saveResult } from './report/result.js'
import { markdown } from './report/table.js'

// ONNX Runtime would give this machine an id and report its use to Microsoft.
process.env.ORT_DISABLE_TELEMETRY = '1'

const [name, ...args] = process.argv.slice(2)
const entry = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (!entry) {
  console.log(list())
  process.exit(name === undefined || name === '--help' ? 0 : 2)
}

const bench = await entry.load()
const command = new Command(`npm run bench -- ${name}`).description(entry.summary).showHelpAfterError()
bench.command?.(command)
command.option('--save', 'save the tables in bench/results, from which `npm run docs` updates the documents')
command.parse(args, { from: 'user' })
const options = command.opts()

const started = new Date()
const tables = await bench.run(options as never, command.args).catch((error: Error) => command.error(`error: ${error.message}`))
console.log(tables.map(markdown).join('\n\n'))
if (options.save) console.log(`\n${await saveResult(name, { started, args, tables })}`)
// Connections of a measured service may still be open.
process.exit()

function list(): string {
  const width = Math.max(...Object.keys(BENCHES).map(key => key.length))
  const lines = Object.entries(BENCHES).map(([key, { summary }]) => `  ${key.padEnd(width)}  ${summary}`)
  return [
    'Usage: npm run bench -- NAME [options]',
    '',
    ...lines,
    '',
    'npm run bench -- NAME --help shows the options of one benchmark.',
  ].join('\n')
}
