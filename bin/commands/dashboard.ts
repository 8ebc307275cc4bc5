import { Command } from 'commander'

import { DEFAULT_DATA } from '../stage/data-path.ts'
import { action } from '../terminal/action.ts'

export const dashboard = new Command('dashboard')
  .description('print an address that signs in to the dashboard once')
  .option('--data <folder>', 'data folder of a running npm start', DEFAULT_DATA)
  .action(
    action(async ({ data }: { readonly data: string }) => {
      const work = await import('../stage/dashboard.ts')
      return await work.dashboard(data)
    }),
  )
