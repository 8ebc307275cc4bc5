import { readConfig } from '../../lib/config.ts'
import type { Encoding } from '../../feed/encode-record.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { readTrades } from '../../feed/files/read-trades.ts'
import type { Formulas } from '../../functions/api/http/csv.ts'
import { symbolMatcher } from '../../functions/aggregator/symbol-matcher.ts'
import { gatherOnScreen } from '../stage/gather-on-screen.ts'
import type { GatheredTrades } from '../stage/gather-trades.ts'
import { checkOutputs } from '../stage/output-file.ts'
import { putTrades } from '../stage/put-trades.ts'
import type { FileOptions } from '../stage/read-options.ts'
import { type Rejects, rejectsText, withRejects } from '../stage/rejects.ts'
import { reportTrouble } from '../stage/stream-trouble.ts'
import { BARS, type CsvSource, PATTERNS, SIGNALS, writeCsv } from '../stage/write-csv.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { FigureReader } from './figures.ts'
import { reportReplay, reportRows } from './replay-summary.ts'
import { projectSettings } from './project-settings.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'

export type ReplayOptions = FileOptions & {
  readonly out?: string
  readonly signals?: string
  readonly patterns?: string
  readonly rejects?: string
  readonly batch: number
  /** @default compact */
  readonly encoding?: Encoding
  readonly formulas: Formulas
  readonly dryRun?: boolean
}

/** Turns recorded trades into bars in a deployment of its own, which is thrown away. */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<number> {
  const screen = openScreen()
  const outputs = outputsOf(options)
  const rejects = options.rejects === undefined ? [] : [{ option: '--rejects', file: options.rejects }]
  checkOutputs([...outputs, ...rejects], files)
  // What cannot be read at all is reported before what can be.
  for (const file of files) for await (const _batch of readTrades(file, options)) break
  return await inThrowAwayFolder('replay', (folder) =>
    withRejects({ screen, file: options.rejects }, async (taker) => {
      const gathered = await gather(files, { options, screen, folder, rejects: taker })
      const { counts } = gathered
      const good = counts.read - counts.rejectedRows - counts.leftOutRows
      if (options.dryRun === true || good === 0) return reportRows(gathered, { screen, good })
      return await replayInto(`${folder}/data`, { gathered, options, screen, rejects: taker })
    }),
  )
}

type Work = { readonly options: ReplayOptions; readonly screen: Screen; readonly rejects: Rejects }

async function gather(
  files: readonly string[],
  { options, screen, folder, rejects }: Work & { readonly folder: string },
): Promise<GatheredTrades> {
  const settings: Readonly<Record<string, unknown>> = { ...projectSettings(), stage: 'local' }
  const { nonPositivePrices } = readConfig((key) => settings[key])
  const shown = new Map<string, number>()
  return await gatherOnScreen(files, {
    read: options,
    folder,
    screen,
    rejects,
    allowsNonPositive: symbolMatcher(nonPositivePrices),
    statusOf: (file, share) => `reading ${bar(share)} ${file}`,
    onTrade: (label, { symbol, timestamp, price, volume }) => {
      const before = shown.get(label) ?? 0
      if (options.dryRun !== true || before === SAMPLES) return
      shown.set(label, before + 1)
      screen.print(`  ${symbol} at ${timeText(timestamp)}: ${volume} at ${price}`)
    },
  })
}

/** Trades that a dry run shows of each file. */
const SAMPLES = 3

function timeText(seconds: string): string {
  const [whole = '', fraction = ''] = seconds.split('.')
  return new Date(Number(whole) * 1000)
    .toISOString()
    .replace('.000Z', fraction === '' ? 'Z' : `.${fraction}Z`)
}

async function replayInto(
  data: string,
  { gathered, options, screen, rejects }: Work & { readonly gathered: GatheredTrades },
): Promise<number> {
  const figures = new FigureReader()
  const deployment = await startDeployment({
    data,
    durability: 'none',
    archive: 'off',
    // The flush at the end closes what is open: a machine that is slow at it makes no corrections.
    environment: { GRACE_MS: String(86_400_000) },
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: ({ functionName, text }) => {
      if (!figures.read(text) && /"level":"(ERROR|WARN|CRITICAL)"/.test(text))
        screen.print(`${functionName}: ${text}`)
    },
  })
  try {
    const started = performance.now()
    const { counts } = gathered
    const total = counts.read - counts.rejectedRows - counts.leftOutRows
    const reportStream = reportTrouble(screen)
    const put = putTrades(gathered, {
      kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
      stream: deployment.ticksStream,
      ticksPerRecord: options.batch,
      encoding: options.encoding,
      onRejected: (row) => rejects.add(row),
      onProgress: (trades) => screen.status(`replaying ${bar(trades / total)}`),
      onStatus: (status) => {
        reportStream(status)
        if (status.type === 'retrying') deployment.faults.note(status.message)
      },
    })
    await Promise.race([put, deployment.faults.diskFull])
    screen.status('waiting for the last bars ...')
    const { signals } = await deployment.flush()
    const seconds = (performance.now() - started) / 1000
    const written = await writeOutputs(deployment, options)
    screen.end()
    const more = rejectsText(counts)
    if (more !== undefined) screen.print(more)
    if (signals === 'behind')
      screen.print(
        'indicators and patterns are incomplete: the analytics function fails; its errors are above',
      )
    if (counts.unnumbered > 0)
      screen.print(
        `${count(counts.unnumbered)} ids do not grow with the time, and were left out of their trades`,
      )
    return await reportReplay(deployment, { gathered, figures, screen, seconds, written })
  } finally {
    await deployment.stop()
  }
}

async function writeOutputs(deployment: Deployment, options: ReplayOptions): Promise<[string, string][]> {
  const written: [string, string][] = []
  for (const { name, file, source } of outputsOf(options)) {
    const rows = await writeCsv(deployment.readOnlyUrl, file, { ...source, formulas: options.formulas })
    written.push([name, `${count(rows)} to ${file}`])
  }
  return written
}

/** The files to write. */
function outputsOf({ out, signals, patterns }: ReplayOptions) {
  const wanted: readonly (readonly [string, string, string | undefined, CsvSource])[] = [
    ['--out', 'bars', out, BARS],
    ['--signals', 'signals', signals, SIGNALS],
    ['--patterns', 'patterns', patterns, PATTERNS],
  ]
  return wanted.flatMap(([option, name, file, source]) =>
    file === undefined ? [] : [{ option, name: `csv ${name}`, file, source }],
  )
}

const BAR_WIDTH = 24

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH)
  return `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${String(Math.round(share * 100)).padStart(3)} %`
}
