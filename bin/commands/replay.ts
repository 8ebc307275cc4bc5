import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { readTrades } from '../../feed/replay.ts'
import { startDeployment } from '../local/deployment.ts'
import { FigureReader } from '../local/figures.ts'
import { countBars, writeBarsCsv } from '../local/read-bars.ts'
import { replayFile } from '../local/replay-source.ts'
import { count, openScreen, type Screen } from '../local/screen.ts'

export type ReplayOptions = { readonly out?: string; readonly batch: number }

/** Bad rows shown; the summary counts all. */
const SHOWN = 10
const PREFIX = 'tickstock-replay-'

/** Turns recorded trades into bars in a deployment of its own, which is thrown away. */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<number> {
  const screen = openScreen()
  // What cannot be read or written is better known before anything is started.
  for (const file of files) for await (const _row of readTrades(file)) break
  if (options.out !== undefined) closeSync(openSync(options.out, 'w'))
  removeLeftOvers()
  const data = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  try {
    return await replayInto(data, { files, options, screen })
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function replayInto(
  data: string,
  { files, options, screen }: { files: readonly string[]; options: ReplayOptions; screen: Screen },
): Promise<number> {
  const figures = new FigureReader()
  const deployment = await startDeployment({
    data,
    durability: 'none',
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
      })
      ticks += result.ticks
    }
    if (badRows > SHOWN) screen.print(`... and ${count(badRows - SHOWN)} bad rows more`)
    screen.status('waiting for the last bars ...')
    await deployment.flush()
    const seconds = (performance.now() - started) / 1000
    const written =
      options.out === undefined
        ? (await countBars(deployment.readOnlyUrl)).bars
        : await writeBarsCsv(deployment.readOnlyUrl, options.out)
    screen.end()
    const { rejected, late } = figures.get()
    screen.print(
      [
        ['ticks', count(ticks)],
        ['rejected', count(rejected + badRows)],
        ['late', count(late)],
        ['bars', count(written)],
        ['seconds', seconds.toFixed(2)],
        ['ticks/s', count(ticks / seconds)],
        ...(options.out === undefined ? [] : [['written to', options.out]]),
      ]
        .map(([name = '', value = '']) => `${name.padEnd(10)} ${value}`)
        .join('\n'),
    )
    return 0
  } finally {
    await deployment.stop()
  }
}

const BAR_WIDTH = 24

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH)
  return `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${String(Math.round(share * 100)).padStart(3)} %`
}

/** Folders of replays that were killed. */
function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0
    if (pid > 0 && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
