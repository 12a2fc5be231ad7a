import { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { readPassword } from './password.js'
import type { UserAdmin } from './user-admin.js'

const EXAMPLES = `
Users sign in to the API; each user belongs to a customer and sees only the tasks of that customer. The commands use the
database in OBSCURA_DATA or DATABASE_URL, whether or not the service is running.

Examples:
  $ obscura user add maria
  $ obscura user add maria --customer "City of Graz" --password-stdin < password.txt
  $ obscura user list
  $ obscura user password maria
  $ obscura user admin maria
  $ obscura user signout maria
  $ obscura user remove maria`

/** `obscura user` */
export function userCommand(): Command {
  const command = new Command('user')
    .description('Add, list, change and remove the users of the API.')
    .addHelpText('after', EXAMPLES)
  command
    .command('add')
    .description('Add a user.')
    .argument('<name>')
    .option('--customer <name>', 'customer whose tasks the user sees; created if it does not exist', 'default')
    .option('--password-stdin', 'read the password from stdin instead of asking for it')
    .action(async (name: string, { customer, passwordStdin }: { customer: string; passwordStdin?: boolean }) => {
      const password = await readPassword(name, passwordStdin === true)
      await withUserAdmin(admin => admin.add(name, password, customer))
      console.log(`Added the user ${name} of the customer ${customer}.`)
    })
  command
    .command('list')
    .description('List users, their customers, when they were added, and who is an administrator.')
    .option('--customer <name>', 'only users of this customer')
    .action(async ({ customer }: { customer?: string }) => {
      const users = await withUserAdmin(admin => admin.list(customer))
      for (const { username, customer: of, createTime, isAdmin } of users)
        console.log([username, of, createTime.toISOString(), ...(isAdmin ? ['administrator'] : [])].join('\t'))
    })
  command
    .command('password')
    .description('Set the password of a user and end their sessions.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from stdin instead of asking for it')
    .action(async (name: string, { passwordStdin }: { passwordStdin?: boolean }) => {
      const password = await readPassword(name, passwordStdin === true)
      await withUserAdmin(admin => admin.setPassword(name, password))
      console.log(`Changed the password of ${name}.`)
    })
  command
    .command('admin')
    .description('Make a user an administrator, who sees the figures of the whole service and the audit log.')
    .argument('<name>')
    .option('--revoke', 'no longer an administrator')
    .action(async (name: string, { revoke }: { revoke?: boolean }) => {
      await withUserAdmin(admin => admin.setAdmin(name, !revoke))
      console.log(`${name} is ${revoke ? 'no longer' : 'now'} an administrator.`)
    })
  command
    .command('signout')
    .description('End the sessions of a user: their tokens are refused from then on.')
    .argument('[name]')
    .option('--all', 'end the sessions of all users')
    .action(async (name: string | undefined, { all }: { all?: boolean }) => {
      if ((name === undefined) !== (all === true)) throw new CommandError('Give a user name, or use --all for all users.')
      const count = await withUserAdmin(admin => admin.signOut(name))
      console.log(`Ended ${count} ${count === 1 ? 'session' : 'sessions'}.`)
    })
  command
    .command('remove')
    .description('Remove a user and their sessions; the tasks of the customer remain.')
    .argument('<name>')
    .action(async (name: string) => {
      await withUserAdmin(admin => admin.remove(name))
      console.log(`Removed ${name}.`)
    })
  return command
}

async function withUserAdmin<T>(work: (admin: UserAdmin) => Promise<T>): Promise<T> {
  // Loaded on demand: this takes longer than other commands take to start.
  const [{ openUserAdmin }, { readSettings }] = await Promise.all([import('./user-admin.js'), import('../settings.js')])
  const admin = await openUserAdmin(readSettings())
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}
