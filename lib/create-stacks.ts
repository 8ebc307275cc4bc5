import type { App } from 'aws-cdk-lib'

import { stackNameOf } from '../functions/shared/runtime/deployment-name.ts'
import { backupNamesOf } from './backup-names.ts'
import { BackupStack } from './backup-stack.ts'
import { type Config, isOnAws } from './config/config.ts'
import { TickStockStack } from './tickstock-stack.ts'

/** The stack of a stage and, with `backupRegion`, the one in that region, which is deployed before it. */
export function createStacks(
  app: App,
  config: Config,
): { readonly stack: TickStockStack; readonly backup: BackupStack | undefined } {
  const name = stackNameOf(config)
  const stack = new TickStockStack(app, name, {
    config,
    description: `Market ticks to 1-minute bars, stage ${config.stage}`,
    ...(isOnAws(config) && config.region && { env: { region: config.region } }),
  })
  const names = backupNamesOf(config)
  if (names === undefined) return { stack, backup: undefined }
  const backup = new BackupStack(app, `${name}-backup`, {
    config,
    names,
    description: `Copies of the backups of ${name}`,
    env: { region: names.region },
  })
  stack.addStackDependency(backup)
  return { stack, backup }
}
