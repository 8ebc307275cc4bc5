import { readConfig } from '../../lib/config/read-config.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { symbolMatcher } from '../../functions/shared/runtime/symbol-matcher.ts'
import { gatherOnScreen } from '../stage/gather-on-screen.ts'
import type { GatheredTrades } from '../stage/gather-trades.ts'
import { putTrades } from '../stage/put-trades.ts'
import { countBars } from '../stage/read-bars.ts'
import { type Rejects, withRejects } from '../stage/rejects.ts'
import { reportTrouble } from '../stage/stream-trouble.ts'
import { writeCsv } from '../stage/write-csv.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { FigureReader } from './figures.ts'
import { checkReplay, NO_CLOCK_MS, outputsOf, progressBar, type ReplayOptions } from './replay-options.ts'
import { reportReplay, reportRows } from './replay-summary.ts'
import { projectSettings } from './project-settings.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'

/** Turns recorded trades into bars in a deployment of its own, which is thrown away. */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<number> {
  const screen = openScreen()
  await checkReplay(files, options)
  return await inThrowAwayFolder('replay', (folder) =>
    withRejects({ screen, file: options.rejects }, async (taker) => {
      const work = { options, screen, folder, rejects: taker }
      if (options.dryRun !== true) return await readAndReplay(files, work)
      const gathered = await gather(files, work)
      return reportRows(gathered, { screen, good: goodOf(gathered) })
    }),
  )
}

/**
 * Where records of a feed at full speed end, beside their number of ticks: nobody bills the records of this machine, and each
 * call of a part costs more than the trades in it.
 */
const LARGE_RECORDS = { maxRecordBytes: 1_000_000, maxBufferedTicks: 300_000 } as const

/** Reads the files while the deployment starts. */
async function readAndReplay(files: readonly string[], work: GatherWork): Promise<number> {
  const { folder, screen } = work
  const starting = startReplay(`${folder}/data`, screen)
  try {
    const gathered = await gather(files, work)
    const good = goodOf(gathered)
    if (good === 0) return reportRows(gathered, { screen, good })
    starting.show()
    return await replayInto(await starting.deployment, { ...work, gathered, figures: starting.figures })
  } finally {
    // One that could not start has told so, or nobody needs it.
    await starting.deployment.then(
      (deployment) => deployment.stop(),
      () => undefined,
    )
  }
}

function goodOf({ counts }: Pick<GatheredTrades, 'counts'>): number {
  return counts.read - counts.rejectedRows - counts.leftOutRows
}

type Work = { readonly options: ReplayOptions; readonly screen: Screen; readonly rejects: Rejects }
type GatherWork = Work & { readonly folder: string }

async function gather(
  files: readonly string[],
  { options, screen, folder, rejects }: GatherWork,
): Promise<GatheredTrades> {
  const settings: Readonly<Record<string, unknown>> = { ...projectSettings(), stage: 'local' }
  const { nonPositivePrices } = readConfig((key) => settings[key])
  const shown = new Map<string, number>()
  return await gatherOnScreen(files, {
    read: { ...options, sides: true },
    folder,
    screen,
    rejects,
    allowsNonPositive: symbolMatcher(nonPositivePrices),
    statusOf: (file, share) => `reading ${progressBar(share)} ${file}`,
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

type Starting = {
  readonly deployment: Promise<Deployment>
  readonly figures: FigureReader
  /** Shows from now on what the start is doing. */
  readonly show: () => void
}

function startReplay(data: string, screen: Screen): Starting {
  const figures = new FigureReader()
  let isShown = false
  let status = ''
  const show = (): void => {
    if (isShown && status !== '') screen.status(status)
  }
  const deployment = startDeployment({
    data,
    durability: 'none',
    archive: 'off',
    clients: 'none',
    warm: ['aggregator', 'analytics', 'bar-writer', 'sweeper'],
    environment: { GRACE_MS: String(NO_CLOCK_MS) },
    onProgress: (doing) => {
      status = `${doing} ...`
      show()
    },
    onLog: ({ functionName, text }) => {
      if (!figures.read(text) && /"level":"(ERROR|WARN|CRITICAL)"/.test(text))
        screen.print(`${functionName}: ${text}`)
    },
  })
  // It is awaited once the files are read.
  deployment.catch(() => undefined)
  return {
    deployment,
    figures,
    show: () => {
      isShown = true
      show()
    },
  }
}

async function replayInto(
  deployment: Deployment,
  {
    gathered,
    figures,
    options,
    screen,
    rejects,
  }: Work & { readonly gathered: GatheredTrades; readonly figures: FigureReader },
): Promise<number> {
  const started = performance.now()
  const total = goodOf(gathered)
  const reportStream = reportTrouble(screen)
  const put = putTrades(gathered, {
    kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
    stream: deployment.ticksStream,
    ticksPerRecord: options.batch,
    limits: LARGE_RECORDS,
    encoding: options.encoding,
    onRejected: (row) => rejects.add(row),
    onProgress: (trades) => screen.status(`replaying ${progressBar(trades / total)}`),
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
  if (signals === 'behind')
    screen.print('indicators and patterns are incomplete: the analytics function fails; its errors are above')
  const { rejected, indicators, patterns } = figures.get()
  const { bars, trades } = await countBars(deployment.readOnlyUrl)
  const made = { bars, trades, rejected, indicators, patterns }
  return reportReplay(made, { gathered, screen, seconds, written })
}

async function writeOutputs(deployment: Deployment, options: ReplayOptions): Promise<[string, string][]> {
  const written: [string, string][] = []
  for (const { name, file, source } of outputsOf(options)) {
    const rows = await writeCsv(deployment.readOnlyUrl, file, { ...source, formulas: options.formulas })
    written.push([name, `${count(rows)} to ${file}`])
  }
  return written
}
