import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { sfc32 } from '../feed/random.ts'
import type { Figure } from './measure.ts'
import { secondsOfRows } from './rows-alone.ts'
import { COMMAND_LINE } from './started.ts'

/** A day of SPY on its exchanges. */
const TRADES = 450_000
const SYMBOLS = 70
const MANY_SYMBOLS = 5000
/** Unix seconds at which the market opens, and for how many it is open. */
const OPEN = 1_381_152_600
const OPEN_SECONDS = 23_400

/** `tickstock replay` of files, from the command to its summary: the whole stack, with Postgres, indicators and patterns. */
export async function benchReplay(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  try {
    const file = (symbols: number, trades: number): string => {
      const path = join(folder, `${symbols}.csv`)
      writeFileSync(path, tradesOf(symbols, trades))
      return path
    }
    // The first start of a checkout synthesizes the CDK app.
    await replay(file(1, 1000), 1000)
    const one = await replay(file(1, TRADES), TRADES)
    const several = await replay(file(SYMBOLS, TRADES), TRADES)
    const many = await replay(file(MANY_SYMBOLS, MANY_SYMBOLS), MANY_SYMBOLS)
    return [
      perSecond('replay of a day of a symbol, start apart', one),
      perSecond('replay of as many trades of 70 symbols', several),
      {
        name: 'their rows of bars and indicators alone, into Postgres',
        value: TRADES / (await secondsOfRows({ symbols: SYMBOLS, minutes: OPEN_SECONDS / 60 })),
        unit: 'trades/s',
      },
      { name: 'replay of 5,000 symbols, a trade each', value: many.seconds, unit: 's', aim: '<= 5' },
      {
        name: 'replay, from the command to its first record',
        value: many.startSeconds,
        unit: 's',
        aim: '<= 4',
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Replayed = {
  /** Until the first record is put: files read, deployment started. */
  readonly startSeconds: number
  /** From then until the last row of the last bar is in the database. */
  readonly seconds: number
}

function perSecond(name: string, { seconds }: Replayed): Figure {
  return { name, value: TRADES / seconds, unit: 'trades/s', aim: '>= 150000' }
}

async function replay(file: string, trades: number): Promise<Replayed> {
  const started = performance.now()
  const child = spawn(process.execPath, [COMMAND_LINE, 'replay', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const figures = new Map<string, number>()
  let startSeconds: number | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('replaying')) startSeconds ??= (performance.now() - started) / 1000
    const [, name, value] = /^(\S+(?: \S+)*?) {2,}([\d,.]+)/.exec(line) ?? []
    if (name !== undefined && value !== undefined) figures.set(name, Number(value.replaceAll(',', '')))
  }
  const [code] = await exited
  const seconds = figures.get('seconds')
  if (code !== 0 || figures.get('trades') !== trades || seconds === undefined || startSeconds === undefined)
    throw new Error(`tickstock replay ${file} ended with ${String(code)}; run it by hand to see why`)
  return { startSeconds, seconds }
}

/** Prices that walk by cents, as CSV; the same at each call. */
function tradesOf(symbols: number, trades: number): string {
  const random = sfc32([1, 2, 3, 4])
  const prices = Array.from({ length: symbols }, (_, index) => 40_000 + index)
  let text = 'symbol,timestamp,price,volume\n'
  for (let trade = 0; trade < trades; trade++) {
    const symbol = trade % symbols
    const price = (prices[symbol] ?? 0) + Math.floor(random() * 7) - 3
    prices[symbol] = price
    const time = (OPEN + (OPEN_SECONDS * trade) / trades).toFixed(3)
    text += `S${symbol},${time},${(price / 100).toFixed(2)},${1 + Math.floor(random() * 500)}\n`
  }
  return text
}
