/** `npm run bench`: ratios within one run, since machines are noisy. */
import { readFileSync } from 'node:fs'

import { Argument, Command } from 'commander'

import { decimal, wholeNumber } from '../bin/terminal/arguments.ts'
import { benchAffinity } from './affinity.ts'
import { benchAnalytics } from './analytics.ts'
import { benchApi } from './api/api.ts'
import { benchFormats } from './api/formats.ts'
import { benchScreen } from './api/screen.ts'
import { benchCompact } from './compact.ts'
import { compareRuns } from './compare.ts'
import { benchConnections } from './connections.ts'
import { benchDirect } from './direct.ts'
import { benchFold } from './fold.ts'
import { benchHandlerCosts } from './handler-costs.ts'
import { benchHandlerPath, benchMemory } from './handler-path.ts'
import { benchKinesis } from './kinesis.ts'
import type { Figure } from './measure.ts'
import { lineOf, linesOf } from './print.ts'
import { benchRebuild } from './rebuild.ts'
import { benchReplay } from './replay.ts'
import { parseRunRecord, type RecordedFigure, recordedFigures, runRecord } from './run-record.ts'
import { benchWeb } from './web.ts'

type Options = {
  readonly json?: true
  readonly runs: number
  readonly data?: string
  readonly minutes: number
}
type Section = (options: Options) => readonly Figure[] | Promise<readonly Figure[]>

/** By name, in the order in which they run. */
const SECTIONS: Readonly<Record<string, Section>> = {
  memory: benchMemory,
  affinity: benchAffinity,
  fold: benchFold,
  direct: benchDirect,
  handler: benchHandlerPath,
  costs: benchHandlerCosts,
  compact: benchCompact,
  analytics: benchAnalytics,
  kinesis: benchKinesis,
  formats: benchFormats,
  replay: benchReplay,
  // Takes four minutes, most of them to make the archive.
  rebuild: benchRebuild,
  // Takes five minutes, nearly all of them to let the memory settle.
  connections: benchConnections,
  // Takes --minutes, and two more.
  web: ({ minutes }) => benchWeb(minutes),
  // Takes two minutes, half of them to make its bars.
  screen: () => benchScreen({ onProgress: toStandardError }),
  // Takes minutes, nearly all of them to make 10 million bars.
  api: ({ data }) => benchApi({ folder: data, onProgress: toStandardError }),
}

const bench = new Command('bench')
  .usage('[options] [sections...]')
  .description('benchmarks, as npm run bench -- [options] [sections...]')
  .addArgument(new Argument('[sections...]', 'sections to run (default: all)').choices(Object.keys(SECTIONS)))
  .option('--json', 'print JSON: each figure with its aim and whether it holds')
  .action(async (sections: readonly string[], options: Options) => {
    const figures = await measure(sections, options, options.json === true ? undefined : printFigures)
    if (options.json === true) print(JSON.stringify(runRecord(figures), undefined, 2))
  })
measuring(bench, 1)

const compare = new Command('compare')
  .usage('[options] <before.json> [sections...]')
  .description('measure again what --json has printed, and tell what became slower by more than the noise')
  .argument('<before.json>', 'file with what --json has printed')
  .addArgument(
    new Argument('[sections...]', 'sections to run (default: those of the file)').choices(
      Object.keys(SECTIONS),
    ),
  )
  .action(async (file: string, sections: readonly string[], options: Options) => {
    const before = parseRunRecord(readFileSync(file, 'utf8'))
    const chosen = sections.length > 0 ? sections : before.figures.map(({ section }) => section)
    const after = runRecord(await measure(chosen, options))
    if (before.processor !== after.processor)
      print(`before on ${before.processor}, now on ${after.processor}: compare ratios (x) only`)
    const compared = compareRuns(before, after)
    for (const line of linesOf(compared)) print(line)
    if (compared.slower.length > 0) process.exitCode = 1
  })
measuring(compare, 3)

await bench.addCommand(compare).parseAsync()
process.exit()

function toStandardError(doing: string): void {
  process.stderr.write(`${doing}\n`)
}

/** Declares the options of how it is measured. */
function measuring(command: Command, runs: number): void {
  command
    .option(
      '--runs <number>',
      'how often each section is run: figures are medians',
      wholeNumber(1, 100),
      runs,
    )
    .option('--data <folder>', 'keep the database of section api in this folder for the next run')
    .option('--minutes <number>', 'how long section web watches the memory of the page', decimal(0.5, 240), 5)
}

async function measure(
  sections: readonly string[],
  options: Options,
  onMeasured?: (figures: readonly RecordedFigure[]) => void,
): Promise<RecordedFigure[]> {
  const figures: RecordedFigure[] = []
  for (const [name, section] of Object.entries(SECTIONS)) {
    if (sections.length > 0 && !sections.includes(name)) continue
    const runs: (readonly Figure[])[] = []
    for (let run = 0; run < options.runs; run++) runs.push(await section(options))
    const measured = recordedFigures(name, runs)
    figures.push(...measured)
    onMeasured?.(measured)
  }
  return figures
}

function printFigures(figures: readonly RecordedFigure[]): void {
  for (const figure of figures) print(lineOf(figure))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
