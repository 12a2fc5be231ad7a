#!/usr/bin/env node
import { CommanderError } from 'commander'
import { CommandError } from './command-error.js'
import { commandArguments } from './command-line.js'
import { exitOnBrokenPipe } from './output.js'
import { createProgram } from './program.js'

exitOnBrokenPipe()

try {
  await createProgram().parseAsync(commandArguments(), { from: 'user' })
} catch (error) {
  if (!(error instanceof CommanderError)) console.error(explain(error))
  process.exitCode = error instanceof CommandError || error instanceof CommanderError ? error.exitCode : 1
}

/** A CommandError tells the user what to do; anything else is a bug and is shown with its stack. */
function explain(error: unknown): unknown {
  return error instanceof CommandError ? `obscura: ${error.message}` : (refusedAccess(error) ?? error)
}

/**
 * A message about a file or folder without permission: those of the service are all in
 * OBSCURA_DATA.
 */
function refusedAccess(error: unknown): string | undefined {
  const { code = '', path, message } = error as NodeJS.ErrnoException
  if (path === undefined || !/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/.test(code)) return undefined
  return `obscura: ${message}. Give this user access to it, or set OBSCURA_DATA to another folder.`
}
