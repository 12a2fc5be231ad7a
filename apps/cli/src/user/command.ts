import { Command } from 'commander'
import { Failure } from '../failure.js'
import type { Directory } from './directory.js'
import { readPassword } from './password.js'

const EXAMPLES = `
Users sign in to the API; each belongs to a customer, and sees only that customer's tasks. The commands work beside a running service and
without one, on the data that OBSCURA_DATA or DATABASE_URL name.

Examples:
  $ obscura user add maria
  $ obscura user add maria --customer "City of Graz" --password-stdin < password.txt
  $ obscura user list
  $ obscura user password maria
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
    .option('--customer <name>', 'whose tasks the user sees; made when there is none of that name', 'default')
    .option('--password-stdin', 'read the password from stdin instead of asking for it')
    .action(async (name: string, { customer, passwordStdin }: { customer: string; passwordStdin?: boolean }) => {
      const password = await readPassword(name, passwordStdin === true)
      await withDirectory(directory => directory.add(name, password, customer))
      console.log(`Added ${name} of customer ${customer}.`)
    })
  command
    .command('list')
    .description('List users, their customers and when they were added.')
    .option('--customer <name>', "only this customer's users")
    .action(async ({ customer }: { customer?: string }) => {
      const users = await withDirectory(directory => directory.list(customer))
      for (const user of users) console.log([user.username, user.customer, user.createTime.toISOString()].join('\t'))
    })
  command
    .command('password')
    .description("Set a user's password, which ends their sessions.")
    .argument('<name>')
    .option('--password-stdin', 'read the password from stdin instead of asking for it')
    .action(async (name: string, { passwordStdin }: { passwordStdin?: boolean }) => {
      const password = await readPassword(name, passwordStdin === true)
      await withDirectory(directory => directory.setPassword(name, password))
      console.log(`Changed the password of ${name}.`)
    })
  command
    .command('signout')
    .description('End the sessions of a user, whose tokens are refused from then on.')
    .argument('[name]')
    .option('--all', 'of all users')
    .action(async (name: string | undefined, { all }: { all?: boolean }) => {
      if ((name === undefined) !== (all === true)) throw new Failure('Either name a user, or end the sessions of all with --all.')
      const count = await withDirectory(directory => directory.signOut(name))
      console.log(`Ended ${count} ${count === 1 ? 'session' : 'sessions'}.`)
    })
  command
    .command('remove')
    .description("Remove a user and their sessions; the customer's tasks stay.")
    .argument('<name>')
    .action(async (name: string) => {
      await withDirectory(directory => directory.remove(name))
      console.log(`Removed ${name}.`)
    })
  return command
}

async function withDirectory<T>(work: (directory: Directory) => Promise<T>): Promise<T> {
  // Loading the database takes longer than the other commands take to start.
  const [{ openDirectory }, { readSettings }] = await Promise.all([import('./directory.js'), import('../settings.js')])
  const directory = await openDirectory(readSettings())
  try {
    return await work(directory)
  } finally {
    await directory.close()
  }
}
