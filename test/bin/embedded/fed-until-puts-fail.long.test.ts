import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { readFed } from '../../../bin/embedded/fed-until.ts'
import { putTicks } from '../../../bin/embedded/put-ticks.ts'
import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'
import { StreamRefusedError } from '../../../feed/errors.ts'
import type { KinesisPort, PutResult } from '../../../feed/kinesis-port.ts'
import { symbolNames } from '../../../feed/symbols.ts'
import { syntheticTicks } from '../../../feed/synthetic.ts'
import { jsonOf } from '../../../functions/aggregator/unpack-record.ts'
import { fakeKinesis } from '../../feed/fake-kinesis.ts'
import { VirtualClock } from '../../feed/virtual-clock.ts'
import { barsIn } from '../../support/bars-in.ts'
import { toTrade } from '../../support/trades.ts'
import { BEGIN, shardRecord, World } from '../../support/world.ts'

const START = BEGIN * 1000
const END = START + 7 * 60_000
const MARKET = { symbols: symbolNames(5), interval: 5, seed: 1 }
const MINUTES = 7

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  file = join(folder, 'fed-until')
})
beforeEach(() => rmSync(file, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

const refused: PutResult = { type: 'refused', code: 'KMSDisabledException', message: 'the disk is full' }
const lost: PutResult = { type: 'unavailable', code: 'ECONNRESET', message: 'socket hang up' }

/** What becomes of a put: `dead-before` and `dead-after` end the process before and after the stream took it. */
const fates = ['fine', 'lost-before', 'lost-after', 'dead-before', 'dead-after'] as const
type Fate = (typeof fates)[number]

/** A port whose puts meet fates, one after the other; nothing gets through to a process that is dead. */
function troubled(kinesis: KinesisPort, given: readonly Fate[]): KinesisPort {
  let calls = 0
  let isDead = false
  return {
    putRecords: async (stream, records) => {
      const fate = isDead ? 'dead-before' : (given[calls++] ?? 'fine')
      isDead ||= fate.startsWith('dead')
      const result = fate.endsWith('before') ? lost : await kinesis.putRecords(stream, records)
      if (isDead) return refused
      return fate === 'fine' ? result : lost
    },
  }
}

const fateArbitrary = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Fate>('fine', 'fine', 'fine', 'lost-before', 'lost-after') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('dead-before', 'dead-after') },
)

/** The bars that the aggregator makes of the stream: trades by symbol and minute, and the numbers of the bar. */
async function barsOf(stream: ReturnType<typeof fakeKinesis>): Promise<Map<string, string>> {
  const records = stream
    .read()
    .map(({ data, partitionKey }, place) =>
      shardRecord({ data: jsonOf(data), symbol: partitionKey }, { shard: 0, place }),
    )
  const world = new World([records], {
    faults: [],
    rules: { latenessSeconds: 120, graceMs: 2000 },
    instances: 1,
  })
  await world.finish()
  return new Map(
    world.bars.flatMap(barsIn).map((bar) => {
      return [
        `${bar.symbol} ${bar.timestamp}`,
        `${bar.close} ${bar.volume} ${bar.trade_count} ${bar.complete}`,
      ]
    }),
  )
}

describe('a feed that ends in mid-history and is started again', () => {
  it('leaves out no tick of any symbol and counts none twice, whatever became of its puts', async () => {
    const expected = expectedBars()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fateArbitrary, { maxLength: 40, size: 'max' }), { maxLength: 4 }),
        async (starts) => {
          const stream = fakeKinesis()
          rmSync(file, { force: true })
          const clock = new VirtualClock(END)
          for (const given of [...starts, []]) {
            const { until: start, since } = readFed(file) ?? { until: START, since: START }
            const put = putTicks({
              kinesis: troubled(stream.kinesis, given),
              stream: stream.stream,
              clock,
              market: MARKET,
              start,
              since,
              end: END,
              pace: 'full-speed',
              maxAgeMs: 1,
              file,
            })
            await clock.run(put).catch((error: unknown) => expect(error).toBeInstanceOf(StreamRefusedError))
            clock.set(clock.now() + 1000)
          }
          expect(readFed(file)).toEqual({ since: START, until: END })
          expect(await barsOf(stream)).toEqual(expected)
        },
      ),
      { numRuns: 30 },
    )
  })
})

function expectedBars(): Map<string, string> {
  const ticks = syntheticTicks({
    symbols: MARKET.symbols,
    seed: MARKET.seed,
    intervalSeconds: MARKET.interval,
    start: START,
    end: END,
  })
  const bars = [...Map.groupBy(ticks, ({ symbol }) => symbol)].flatMap(([symbol, own]) =>
    [...plainFold(own.map(toTrade)).values()].map(({ start, close, volume, tradeCount }) => {
      const minute = new Date(start * 1000).toISOString().replace('.000', '')
      return [`${symbol} ${minute}`, `${close} ${volume} ${tradeCount} true`] as const
    }),
  )
  expect(bars).toHaveLength(MARKET.symbols.length * MINUTES)
  return new Map(bars)
}
