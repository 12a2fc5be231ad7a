import { Command } from 'commander'

await new Command('obscura').parseAsync()
