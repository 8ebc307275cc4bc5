import { Command, Option } from 'commander'

import type { McpOptions } from '../mcp/run.ts'
import { deploymentOptions } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'

const command = new Command('mcp')
  .description(
    'let an assistant read a deployment, over the Model Context Protocol on standard input and output',
  )
  .option('--api <url>', 'the REST API (default: that of the deployment)')
  .addOption(new Option('--key <key>', 'a key for it (default: that of the deployment)').env('TICKSTOCK_KEY'))
  .action(
    action(async (options: McpOptions) => {
      const work = await import('../mcp/run.ts')
      return await work.runMcp(options)
    }),
  )

export const mcp = deploymentOptions(command)
