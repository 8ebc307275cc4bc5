import { Command } from 'commander'

import type { CostOptions } from '../cost/cost.ts'
import { action } from '../terminal/action.ts'
import { keyValue } from '../terminal/arguments.ts'

export const cost = new Command('cost')
  .description('what a deployment to AWS costs per month, at three loads')
  .option('-c, --context <key=value>', 'a setting, as for cdk deploy; may be repeated', keyValue, {})
  .action(action(async (options: CostOptions) => (await import('../cost/cost.ts')).cost(options)))
