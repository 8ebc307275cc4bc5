import { Command } from 'commander'

import { alerts } from './commands/alerts.ts'
import { bars } from './commands/bars.ts'
import { bridge } from './commands/bridge.ts'
import { chaos } from './commands/chaos.ts'
import { cost } from './commands/cost.ts'
import { dashboard } from './commands/dashboard.ts'
import { deadLetters } from './commands/dead-letters.ts'
import { exportBars } from './commands/export.ts'
import { feed } from './commands/feed.ts'
import { flag } from './commands/flag.ts'
import { flush } from './commands/flush.ts'
import { importFiles } from './commands/import.ts'
import { invoke } from './commands/invoke.ts'
import { jobs } from './commands/jobs.ts'
import { keys } from './commands/keys.ts'
import { load } from './commands/load.ts'
import { mcp } from './commands/mcp.ts'
import { metrics } from './commands/metrics.ts'
import { quality } from './commands/quality.ts'
import { rebuild } from './commands/rebuild.ts'
import { recoverState } from './commands/recover-state.ts'
import { redeliver } from './commands/redeliver.ts'
import { replay } from './commands/replay.ts'
import { scale } from './commands/scale.ts'
import { soak } from './commands/soak.ts'
import { start } from './commands/start.ts'
import { verify } from './commands/verify.ts'
import { watch } from './commands/watch.ts'

/** By heading of the help. A command's file declares it, and imports what it works with when it runs. */
const COMMANDS = {
  'On this machine:': [start, replay, load, chaos, soak, invoke],
  'A running deployment (by default that of npm start):': [
    dashboard,
    watch,
    bridge,
    mcp,
    metrics,
    verify,
    quality,
    bars,
    feed,
    importFiles,
    flush,
    flag,
    deadLetters,
    keys,
    rebuild,
    exportBars,
    jobs,
    alerts,
    redeliver,
    recoverState,
  ],
  'AWS:': [cost, scale],
}

const program = new Command('tickstock').description('Market trades in, exact 1-minute bars out.')
for (const [heading, commands] of Object.entries(COMMANDS))
  for (const command of commands) program.addCommand(command.helpGroup(heading))
await program.parseAsync()
