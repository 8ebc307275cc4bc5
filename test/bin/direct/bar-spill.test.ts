import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { BarSpill } from '../../../bin/direct/bar-spill.ts'
import type { OtherBar } from '../../../functions/domain/other-bars/other-bar.ts'

const SYMBOLS = 1000
const ROUNDS = 80

let folder: string
let made = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-spill-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function barOf(seconds: number): OtherBar {
  const price = `${seconds}.5`
  return {
    seconds,
    nanos: 7,
    lastSeconds: seconds + 1,
    lastNanos: 0,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: '100000000000000000.000000000000000001',
    notional: price,
    vwap: seconds % 2 === 0 ? null : price,
    tradeCount: 2,
    buyVolume: null,
    sellVolume: '1',
    isClosed: true,
  }
}

/** What it gives, a symbol after the other. */
function given(spill: BarSpill): (readonly [string, OtherBar])[] {
  return [...spill.bySymbol()].flatMap(({ symbol, bars }) => bars.map((bar) => [symbol, bar] as const))
}

const takes = fc.array(fc.tuple(fc.constantFrom('A', 'B', 'Ω', '💥'), fc.nat(5)), { maxLength: 40 })

describe('bars that are held and those that are in a file', () => {
  it('come by symbol, each in their order, however many are held', () => {
    fc.assert(
      fc.property(takes, fc.integer({ min: 1, max: 30 }), (each, mostHeld) => {
        const spill = new BarSpill(join(folder, `bars-${made++}`), mostHeld)
        const expected = new Map<string, OtherBar[]>()
        let at = 0
        for (const [symbol, count] of each) {
          const bars = Array.from({ length: count }, () => barOf(at++))
          spill.take(symbol, bars)
          expected.set(symbol, [...(expected.get(symbol) ?? []), ...bars])
        }
        expect(spill.counts).toEqual({ bars: at, trades: 2 * at })
        const inOrder = ['A', 'B', 'Ω', '💥'].flatMap((symbol) =>
          (expected.get(symbol) ?? []).map((bar) => [symbol, bar]),
        )
        expect(given(spill)).toEqual(inOrder)
      }),
      { numRuns: 200 },
    )
  })

  it('are in no file while they are few', () => {
    const path = join(folder, 'few')
    const spill = new BarSpill(path, 4)
    spill.take('A', [barOf(1), barOf(2), barOf(3)])
    expect([existsSync(path), spill.written]).toEqual([false, 0])
    spill.take('B', [barOf(4)])
    expect(statSync(path).size).toBe(spill.written)
    expect(spill.written).toBeGreaterThan(4 * 200)
  })

  it('take memory by their symbols, and not by how often they are written', () => {
    setFlagsFromString('--expose-gc')
    const collect = z.function().parse(runInNewContext('gc'))
    const used = () => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const spill = new BarSpill(join(folder, 'often'), SYMBOLS)
    const takeAll = () => {
      for (let symbol = 0; symbol < SYMBOLS; symbol++) spill.take(`S${symbol}`, [barOf(symbol)])
    }
    takeAll()
    const before = used()
    for (let round = 1; round < ROUNDS; round++) takeAll()
    // Some bytes for each of these would be four times as much.
    expect(used() - before).toBeLessThan(1_000_000)
    expect(given(spill)).toHaveLength(SYMBOLS * ROUNDS)
  })

  it('are forgotten where the trades are read again', () => {
    const spill = new BarSpill(join(folder, 'again'), 2)
    spill.take('A', [barOf(1), barOf(2), barOf(3)])
    spill.clear()
    expect(spill.counts).toEqual({ bars: 0, trades: 0 })
    spill.take('B', [barOf(9), barOf(8), barOf(7)])
    expect(given(spill).map(([symbol, { seconds }]) => [symbol, seconds])).toEqual([
      ['B', 9],
      ['B', 8],
      ['B', 7],
    ])
  })

  it('counts bars and writes none without a file', () => {
    const spill = new BarSpill(undefined, 2)
    const bars = Array.from({ length: 10 }, (_, place) => barOf(place))
    spill.take('A', bars)
    expect(spill.counts).toEqual({
      bars: 10,
      trades: bars.reduce((sum, { tradeCount }) => sum + tradeCount, 0),
    })
    expect(spill.written).toBe(0)
    expect(given(spill)).toEqual([])
  })
})
