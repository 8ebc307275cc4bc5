import { Command } from 'commander'

import type { LoadOptions } from '../embedded/load.ts'
import { action } from '../terminal/action.ts'
import { oneOf, wholeNumber } from '../terminal/arguments.ts'

export const load = new Command('load')
  .description('put a live load on a throw-away deployment and account for every tick')
  .option('--symbols <count>', 'symbols', wholeNumber(1, 1000), 100)
  .option('--rate <ticks>', 'ticks per symbol and second', wholeNumber(1, 1000), 100)
  .option('--seconds <seconds>', 'duration', wholeNumber(5, 3600), 60)
  .option(
    '--affinity <affinity>',
    'shard: a shard keeps its worker; none: any worker gets a batch, as on Lambda (default: TICKSTOCK_AFFINITY, or shard)',
    oneOf(['shard', 'none']),
  )
  .option(
    '--storm <clients>',
    'WebSocket clients that meanwhile connect, subscribe and leave without a pause',
    wholeNumber(0, 1000),
    0,
  )
  .option('--json', 'print JSON')
  .action(
    action(async (options: LoadOptions) => (await import('../embedded/load.ts')).load(options), {
      data: 'thrown-away',
    }),
  )
