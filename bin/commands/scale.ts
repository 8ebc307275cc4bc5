import { Command } from 'commander'

import type { ScaleOptions } from '../scale/scale.ts'
import { action } from '../terminal/action.ts'
import { decimal, keyValue, wholeNumber } from '../terminal/arguments.ts'

export const scale = new Command('scale')
  .description('which limit a load reaches first on AWS, what carries it, its latency and its cost')
  .option('--symbols <number>', 'symbols (default: 1,000, 10,000 and 100,000)', wholeNumber(1, 1_000_000))
  .option('--rate <number>', 'trades a second of each symbol', decimal(0.01, 10_000), 1)
  .option(
    '--batch <seconds>',
    'time whose trades of a symbol the feed puts into one record',
    decimal(0.01, 60),
    0.1,
  )
  .option('-c, --context <key=value>', 'a setting, as for cdk deploy; may be repeated', keyValue, {})
  .action(action(async (options: ScaleOptions) => (await import('../scale/scale.ts')).scale(options)))
