'use strict'
const fs = require('node:fs')
const path = require('node:path')

/**
 * The npm of this Node.js as a command that needs no shell: the one that started us, otherwise the
 * one beside the executable, otherwise `npm` from the PATH.
 */
function npm(...args) {
  const beside = path.dirname(fs.realpathSync(process.execPath))
  const candidates = [
    process.env.npm_execpath,
    path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(beside, 'node_modules/npm/bin/npm-cli.js'),
  ]
  const script = candidates.find(file => file && path.basename(file) === 'npm-cli.js' && fs.existsSync(file))
  return script ? [process.execPath, script, ...args] : ['npm', ...args]
}

module.exports = { npm }
