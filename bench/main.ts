/** `npm run bench`: ratios within one run, since machines are noisy. */
import { Argument, Command } from 'commander'

import { decimal } from '../bin/terminal/arguments.ts'
import { benchAnalytics } from './analytics.ts'
import { benchApi } from './api/api.ts'
import { benchAffinity } from './affinity.ts'
import { benchConnections } from './connections.ts'
import { benchFold } from './fold.ts'
import { benchHandlerPath, benchMemory } from './handler-path.ts'
import { benchKinesis } from './kinesis.ts'
import type { Figure } from './measure.ts'
import { benchRebuild } from './rebuild.ts'
import { benchWeb } from './web.ts'

type Options = { readonly json?: true; readonly data?: string; readonly minutes: number }
type Section = (options: Options) => readonly Figure[] | Promise<readonly Figure[]>

/** By name, in the order in which they run. */
const SECTIONS: Readonly<Record<string, Section>> = {
  memory: benchMemory,
  affinity: benchAffinity,
  fold: benchFold,
  handler: benchHandlerPath,
  analytics: benchAnalytics,
  kinesis: benchKinesis,
  rebuild: benchRebuild,
  // Takes five minutes, nearly all of them to let the memory settle.
  connections: benchConnections,
  // Takes --minutes, and two more.
  web: ({ minutes }) => benchWeb(minutes),
  // Takes minutes, nearly all of them to make 10 million bars.
  api: ({ data }) => benchApi({ folder: data, onProgress: (doing) => process.stderr.write(`${doing}\n`) }),
}

await new Command('bench')
  .usage('[options] [sections...]')
  .description('benchmarks, as npm run bench -- [options] [sections...]')
  .addArgument(new Argument('[sections...]', 'sections to run (default: all)').choices(Object.keys(SECTIONS)))
  .option('--json', 'print JSON')
  .option('--data <folder>', 'keep the database of section api in this folder for the next run')
  .option('--minutes <number>', 'how long section web watches the memory of the page', decimal(0.5, 240), 5)
  .action(run)
  .parseAsync()
process.exit()

async function run(sections: readonly string[], options: Options): Promise<void> {
  const figures: Figure[] = []
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (sections.length > 0 && !sections.includes(name)) continue
    const measured = await measure(options)
    figures.push(...measured)
    if (!options.json) for (const figure of measured) process.stdout.write(`${lineOf(figure)}\n`)
  }
  if (options.json) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
}

function lineOf({ name, value, unit, aim }: Figure): string {
  const shown = value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)
  return `${name.padEnd(52)} ${shown.padStart(12)} ${unit.padEnd(8)}${aim === undefined ? '' : `aim ${aim}`}`.trimEnd()
}
