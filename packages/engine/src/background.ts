import { spawnSync } from 'node:child_process'
import type { Command } from './sandbox/sandbox.js'

/** Of 20 steps down. After five a process gets a quarter of a core that another one wants. */
const STEPS = ['-n', '5']

let canStepBack: boolean | undefined

/**
 * The command as one that leaves the cores to processes that somebody waits for, and takes what
 * they leave; unchanged where the system has no `nice`.
 */
export function inBackground(command: Command): Command {
  canStepBack ??= spawnSync('nice', [...STEPS, process.execPath, '--version']).status === 0
  return canStepBack ? { ...command, file: 'nice', arguments: [...STEPS, command.file, ...command.arguments] } : command
}
