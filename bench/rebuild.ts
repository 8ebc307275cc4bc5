import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { deployedArchive } from '../bin/stage/archived-symbols.ts'
import { findDeployment } from '../bin/stage/find-deployment.ts'
import { readRunning } from '../bin/stage/running-deployment.ts'
import { symbolNames } from '../feed/symbols.ts'
import { archiveKey } from '../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../functions/archive/archived-trade.ts'
import { encodeArchive } from '../functions/archive/encode-archive.ts'
import { History, HOUR } from '../test/functions/rebuilder/harness.ts'
import { archivedTrade } from '../test/support/archived.ts'
import type { Figure } from './measure.ts'
import { COMMAND_LINE, withStarted } from './started.ts'

const HOURS = 3
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400
const SYMBOLS = symbolNames(70)
/** A trade a second. */
const DAY_TRADES = SYMBOLS.length * DAY_SECONDS
const SHARD = 'shardId-000000000000'

/** A rebuild of a day of 70 symbols at a trade a second: by its own code alone, and as a command of a running `tickstock start`. */
export async function benchRebuild(): Promise<Figure[]> {
  return [...(await ownCode()), ...(await wholeStack())]
}

/** Objects read and decoded, without S3 and the database. */
async function ownCode(): Promise<Figure[]> {
  const history = new History()
  for (let hour = 0; hour < HOURS; hour++) history.archive(tradesOf(HOUR, hour))
  const started = performance.now()
  const { put } = await history.rebuild({ symbols: SYMBOLS, to: HOUR + HOURS * HOUR_SECONDS })
  const seconds = (performance.now() - started) / 1000
  if (put !== SYMBOLS.length * HOURS * 60) throw new Error(`${put} bars were rebuilt`)
  const perSecond = (SYMBOLS.length * HOURS * HOUR_SECONDS) / seconds
  return [
    { name: 'rebuild of bars, its own code', value: perSecond, unit: 'trades/s' },
    { name: 'the same, for 6 million trades', value: DAY_TRADES / perSecond, unit: 's' },
  ]
}

/** From the command to the end of its job: every bar in Postgres, indicators and patterns computed and stored. */
async function wholeStack(): Promise<Figure[]> {
  return await withStarted(['--symbols', '1', '--history', '0'], async ({ data }) => {
    const deployed = findDeployment({ options: { data }, environment: {}, defaultData: data, readRunning })
    const archive = await deployedArchive(deployed)
    const from = lastWholeDay()
    for (let hour = 0; hour < 24; hour++) {
      const trades = tradesOf(from, hour)
      const [first, last] = [trades[0], trades.at(-1)].map((trade) => trade?.sequenceNumber ?? '')
      const key = archiveKey(from + hour * HOUR_SECONDS, {
        shard: SHARD,
        first: first ?? '',
        last: last ?? '',
      })
      await archive.put(key, encodeArchive(trades))
    }
    const span = ['--from', isoMinute(from), '--to', isoMinute(from + DAY_SECONDS)]
    const started = performance.now()
    const { stdout } = await promisify(execFile)(process.execPath, [
      COMMAND_LINE,
      'rebuild',
      '--data',
      data,
      '--symbols',
      SYMBOLS.join(','),
      ...span,
    ])
    const seconds = (performance.now() - started) / 1000
    const bars = (SYMBOLS.length * DAY_SECONDS) / 60
    if (!stdout.includes(`${bars.toLocaleString('en-US')}  bars put`)) throw new Error(stdout)
    return [
      {
        name: 'rebuild of a day of 70 symbols, 6 million trades',
        value: seconds,
        unit: 's',
        aim: '<= 60',
      },
    ]
  })
}

/** Unix seconds; a day that ended a day ago. */
function lastWholeDay(): number {
  const today = Math.floor(Date.now() / 1000 / DAY_SECONDS) * DAY_SECONDS
  return today - 2 * DAY_SECONDS
}

function isoMinute(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16)
}

function tradesOf(from: number, hour: number): ArchivedTrade[] {
  const trades: ArchivedTrade[] = []
  for (let second = hour * HOUR_SECONDS; second < (hour + 1) * HOUR_SECONDS; second++)
    for (const [place, symbol] of SYMBOLS.entries())
      trades.push(
        archivedTrade({
          symbol,
          seconds: from + second,
          price: { units: 15_000 + ((second * 7 + place) % 300), scale: 2 },
          volume: { units: ((second + place) % 900) + 1, scale: 0 },
          id: second,
          line: 'x',
          contiguous: true,
          source: 'feed',
          sequence: second,
          shard: SHARD,
          sequenceNumber: `4963${10n ** 50n + BigInt(second * SYMBOLS.length + place)}`,
          arrivedAt: (from + second) * 1000,
        }),
      )
  return trades
}
