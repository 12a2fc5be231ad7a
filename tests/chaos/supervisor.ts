/** Processes that are started again whenever they end, as a container runtime does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program: arguments to Node.js and environment. */
export interface Program {
  args: readonly string[]
  env: Readonly<Record<string, string>>
}

export interface Supervisor {
  kill(...names: string[]): void
  /** Ends all processes for good: by SIGTERM those that end of themselves then, else by SIGKILL. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export function supervise(programs: Readonly<Record<string, Program>>): Supervisor {
  const processes = new Map<string, ChildProcess>()
  let over = false

  const keepRunning = (name: string) => {
    if (over) return
    const { args, env } = programs[name]
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] })
    processes.set(name, child)
    child.on('exit', () => setTimeout(keepRunning, 300, name))
  }
  for (const name of Object.keys(programs)) keepRunning(name)

  return {
    kill: (...names) => {
      for (const name of names) processes.get(name)?.kill('SIGKILL')
    },
    async stop(signal) {
      over = true
      const living = [...processes.values()].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      await Promise.all(
        living.map(child => {
          child.kill(signal)
          return once(child, 'exit')
        }),
      )
    },
  }
}
