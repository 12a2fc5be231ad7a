'use strict'
const path = require('node:path')
const { npm } = require('./npm.cjs')
const { references } = require('../tsconfig.json')

/**
 * The steps that prepare a clone, in order. A step runs when the contents of its `inputs` have
 * changed since its last success or when one of its `outputs` is missing. `inputs` are files or
 * folders, filtered by `only`; `seconds` is an initial estimate for a machine with two cores,
 * replaced by the measured duration.
 */
module.exports = [
  {
    name: 'packages',
    title: 'Install packages',
    seconds: 45,
    command: npm('ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'),
    cwd: '.',
    // onnxruntime-node's install script would fetch CUDA libraries; inference on the CPU needs
    // nothing beyond the package.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
    inputs: ['package.json', 'package-lock.json', '.npmrc', 'packages', 'apps', 'bench', 'tests/servers'],
    only: /(package\.json|package-lock\.json|\.npmrc)$/,
    outputs: ['node_modules/.package-lock.json'],
  },
  {
    name: 'weights',
    title: 'Fetch the published model weights',
    seconds: 60,
    command: npm('ci', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'),
    cwd: 'models',
    inputs: ['models/package.json', 'models/package-lock.json', 'models/.npmrc', 'models/stubs'],
    only: /./,
    outputs: ['models/node_modules/.package-lock.json'],
  },
  {
    name: 'compile',
    title: 'Compile',
    seconds: 5,
    // --force: the output of an interrupted compilation is not trusted, and a full build takes
    // seconds.
    command: [process.execPath, 'node_modules/typescript/bin/tsc', '-b', '--force'],
    cwd: '.',
    inputs: ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', ...references.map(project => project.path)],
    only: /(?:tsconfig|tsconfig\.base|package-lock)\.json$|(?<!\.test)\.tsx?$/,
    outputs: references.map(project => `${project.path}/dist`),
  },
  {
    name: 'page',
    title: 'Build the web page',
    seconds: 4,
    command: [process.execPath, 'node_modules/vite/bin/vite.js', 'build', path.join('apps', 'web')],
    cwd: '.',
    inputs: ['package-lock.json', 'apps/web', 'packages/contract/src'],
    only: /(?<!\.test)\.(json|html|css|svg|tsx?|mts)$/,
    outputs: ['apps/web/dist'],
  },
  {
    name: 'models',
    title: 'Convert the models to ONNX',
    seconds: 20,
    command: [process.execPath, path.join('models', 'dist', 'build.js')],
    cwd: '.',
    inputs: ['models'],
    only: /(\.json|\.onnx|(?<!\.test)\.ts)$/,
    outputs: ['models/cache'],
  },
]
