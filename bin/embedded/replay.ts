import { closeSync, openSync } from 'node:fs'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { readTrades } from '../../feed/replay.ts'
import type { AllowsNonPositive } from '../../functions/aggregator/decode.ts'
import type { Formulas } from '../../functions/api/http/csv.ts'
import { symbolMatcher } from '../../functions/aggregator/symbol-matcher.ts'
import { deployedEnvironment } from '../stage/deployed-function.ts'
import { startDeployment } from './deployment.ts'
import { UsageError } from '../terminal/errors.ts'
import { FigureReader } from './figures.ts'
import { countBars } from '../stage/read-bars.ts'
import { refusedRows } from './refused-rows.ts'
import { replayFile } from '../stage/replay-source.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { reportTrouble } from '../stage/stream-trouble.ts'
import { inThrowAwayFolder } from './throw-away-folder.ts'
import { BARS, type CsvSource, PATTERNS, SIGNALS, writeCsv } from '../stage/write-csv.ts'

export type ReplayOptions = {
  readonly out?: string
  readonly signals?: string
  readonly patterns?: string
  readonly batch: number
  readonly formulas: Formulas
}

/** Bad rows shown; the summary counts all. */
const SHOWN = 10

/** Turns recorded trades into bars in a deployment of its own, which is thrown away. */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<number> {
  const screen = openScreen()
  // A file that cannot be read or written is reported before anything is started.
  for (const file of files) for await (const _row of readTrades(file)) break
  for (const { file } of outputsOf(options)) checkWritable(file)
  return await inThrowAwayFolder('replay', (data) => replayInto(data, { files, options, screen }))
}

async function replayInto(
  data: string,
  { files, options, screen }: { files: readonly string[]; options: ReplayOptions; screen: Screen },
): Promise<number> {
  const figures = new FigureReader()
  const deployment = await startDeployment({
    data,
    durability: 'none',
    // What is thrown away needs no archive.
    settings: { archive: 'off' },
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
    const kinesis = kinesisPort(createKinesisClient(deployment.runtime.environment))
    let ticks = 0
    let badRows = 0
    for (const file of files) {
      const result = await replayFile(file, {
        kinesis,
        stream: deployment.ticksStream,
        ticksPerRecord: options.batch,
        onBadRow: ({ line, reason, text }) => {
          if (++badRows <= SHOWN) screen.print(`${file}:${line}: ${reason}: ${text.slice(0, 120)}`)
        },
        onProgress: (share) => screen.status(`replaying ${bar(share)} ${file}`),
        onStatus: reportTrouble(screen),
      })
      ticks += result.ticks
    }
    if (badRows > SHOWN) screen.print(`... and ${count(badRows - SHOWN)} more bad rows`)
    screen.status('waiting for the last bars ...')
    const { signals } = await deployment.flush()
    const seconds = (performance.now() - started) / 1000
    const { bars } = await countBars(deployment.readOnlyUrl)
    const written: string[][] = []
    for (const { name, file, source } of outputsOf(options))
      written.push([
        name,
        `${count(await writeCsv(deployment.readOnlyUrl, file, { ...source, formulas: options.formulas }))} to ${file}`,
      ])
    screen.end()
    if (signals === 'behind')
      screen.print(
        'indicators and patterns are incomplete: the analytics function fails; its errors are above',
      )
    const { rejected, late } = figures.get()
    if (rejected > 0) {
      const { environment } = deployment.runtime
      const variables = await deployedEnvironment('aggregator', { stage: 'local', environment })
      const allowsNonPositive = symbolMatcher(variables['NON_POSITIVE_PRICES'] ?? '')
      await showRefused(files, { screen, allowsNonPositive })
    }
    if (ticks + badRows === 0) screen.print('the files have no trades, only headers')
    screen.print(
      [
        ['ticks', count(ticks)],
        ['rejected', count(rejected + badRows)],
        ['late', count(late)],
        ['bars', count(bars)],
        ['indicators', count(figures.get().indicators)],
        ['patterns', count(figures.get().patterns)],
        ['seconds', seconds.toFixed(2)],
        ['ticks/s', count(ticks / seconds)],
        ...written,
      ]
        .map(([name = '', value = '']) => `${name.padEnd(12)} ${value}`)
        .join('\n'),
    )
    return 0
  } finally {
    await deployment.stop()
  }
}

function checkWritable(file: string): void {
  try {
    closeSync(openSync(file, 'w'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${file} cannot be written (${reason}): check the folder and its permissions`)
  }
}

/** Shows why rows were rejected: reading a file does not validate its numbers. */
async function showRefused(
  files: readonly string[],
  { screen, allowsNonPositive }: { readonly screen: Screen; readonly allowsNonPositive: AllowsNonPositive },
): Promise<void> {
  let shown = 0
  for (const file of files)
    for await (const { line, reason } of refusedRows(file, { arrivedAt: Date.now(), allowsNonPositive })) {
      if (shown++ === SHOWN) return screen.print('... and more')
      screen.print(`${file}:${line}: rejected: ${reason}`)
    }
}

/** The files to write. */
function outputsOf({ out, signals, patterns }: ReplayOptions) {
  const wanted: readonly (readonly [string, string | undefined, CsvSource])[] = [
    ['bars', out, BARS],
    ['signals', signals, SIGNALS],
    ['patterns', patterns, PATTERNS],
  ]
  return wanted.flatMap(([name, file, source]) =>
    file === undefined ? [] : [{ name: `csv ${name}`, file, source }],
  )
}

const BAR_WIDTH = 24

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH)
  return `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${String(Math.round(share * 100)).padStart(3)} %`
}
