/**
 * Milliseconds of processor time that a piece of work takes: other programs on the machine hardly
 * change them.
 */
export function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
