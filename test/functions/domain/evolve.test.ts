import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import { closesAt } from '../../../functions/domain/due.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import type { SymbolEvent } from '../../../functions/domain/event.ts'
import { INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import { startOf } from '../../../functions/domain/packed-bar.ts'
import type { Producer, Trade } from '../../../functions/domain/trade.ts'
import { expectEqual } from '../../support/expect-equal.ts'
import { runOf, trade } from '../../support/trades.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const T = 1_760_106_720
let sequence = 0

function tick(second: number, price = 100): Trade {
  return trade({ seconds: T + Math.floor(second), nanos: Math.round((second % 1) * 1e9), price })
}

function ticks(
  given: readonly Trade[],
  { now = 0, producer }: { now?: number; producer?: Producer } = {},
): SymbolEvent {
  sequence++
  const run = runOf(given, { sequenceNumber: String(1_000_000 + sequence), arrivedAt: now, producer })
  return { type: 'trades', now, runs: [run] }
}

function after(...events: SymbolEvent[]): MinuteState {
  let state = INITIAL_STATE
  for (const event of events) state = evolve(state, event, RULES).state
  return state
}

const emitted = (state: MinuteState) =>
  state.outbox.map(({ builder }) => [builder.start - T, builder.revision, builder.count])

describe('a symbol', () => {
  it('closes its minute when a tick of a later one comes', () => {
    expect(emitted(after(ticks([tick(0), tick(59.999)])))).toEqual([])
    expect(emitted(after(ticks([tick(0), tick(59.999), tick(60)])))).toEqual([[0, 1, 2]])
  })

  it('makes no bar for a minute without ticks', () => {
    expect(emitted(after(ticks([tick(0), tick(300), tick(360)])))).toEqual([
      [0, 1, 1],
      [300, 1, 1],
    ])
  })

  it('emits a corrected minute again whole, with the next revision', () => {
    expect(emitted(after(ticks([tick(0), tick(61)]), ticks([tick(30)])))).toEqual([
      [0, 1, 1],
      [0, 2, 2],
    ])
  })

  it('gives one revision to all late ticks of a batch', () => {
    expect(emitted(after(ticks([tick(0), tick(61)]), ticks([tick(30), tick(31), tick(32)])))).toEqual([
      [0, 1, 1],
      [0, 2, 4],
    ])
  })

  it('emits a correction before the next minute that closes, in one batch too', () => {
    expect(emitted(after(ticks([tick(0), tick(61), tick(30), tick(121), tick(70), tick(181)])))).toEqual([
      [0, 1, 1],
      [0, 2, 2],
      [60, 1, 1],
      [60, 2, 2],
      [120, 1, 1],
    ])
  })

  it('makes the bar of a minute that only a late tick has', () => {
    expect(emitted(after(ticks([tick(0), tick(130)]), ticks([tick(70)])))).toEqual([
      [0, 1, 1],
      [60, 1, 1],
    ])
  })

  it('takes a tick as late as allowed, and refuses one a nanosecond later', () => {
    const state = after(ticks([tick(30), tick(150.5)]))
    const late = { ...tick(30), nanos: 500_000_000 }
    expect(evolve(state, ticks([late]), RULES).outcome).toMatchObject({ applied: 1, late: 1, refused: [] })
    const later = { ...late, nanos: 499_999_999 }
    const { outcome, state: same } = evolve(state, ticks([later]), RULES)
    expect(outcome).toMatchObject({ applied: 0, late: 0, refused: [{ index: 0 }] })
    expect(emitted(same)).toEqual(emitted(state))
  })

  it('refuses every late tick while that is asked for, and corrects again afterwards', () => {
    const state = after(ticks([tick(0), tick(61)]))
    const refused = evolve(state, ticks([tick(30), tick(62)]), { ...RULES, lateTrades: 'refuse' })
    expect(refused.outcome).toMatchObject({ applied: 1, late: 0, refused: [{ index: 0 }] })
    expect(emitted(refused.state)).toEqual([[0, 1, 1]])
    expect(emitted(evolve(refused.state, ticks([tick(30)]), RULES).state)).toEqual([
      [0, 1, 1],
      [0, 2, 2],
    ])
  })

  it('refuses no tick of the open minute, however small the allowed lateness', () => {
    const { state } = evolve(INITIAL_STATE, ticks([tick(59)]), { latenessSeconds: 0, graceMs: 0 })
    expect(evolve(state, ticks([tick(1)]), { latenessSeconds: 0, graceMs: 0 }).outcome.applied).toBe(1)
  })

  it('keeps closed minutes only while they can be corrected', () => {
    const state = after(ticks([0, 60, 120, 180, 240, 300].map((second) => tick(second))))
    expect(state.closed.map((bar) => startOf(bar) - T)).toEqual([180, 240])
  })

  it('makes no final minute anew when the allowed lateness is raised', () => {
    const state = after(ticks([tick(60), tick(61), tick(600)]))
    const raised = { ...RULES, latenessSeconds: 900 }
    const { state: next, outcome } = evolve(state, ticks([tick(62), tick(30), tick(540)]), raised)
    expect(outcome).toMatchObject({ applied: 1, late: 1, refused: [{ index: 0 }, { index: 1 }] })
    expect(emitted(next)).toEqual([
      [60, 1, 2],
      [540, 1, 1],
    ])
  })

  it('has in the last revision of a minute all its ticks, and no revision twice, however the lateness changes', () => {
    const event = fc.record({
      latenessSeconds: fc.constantFrom(0, 60, 120, 900),
      steps: fc.array(fc.oneof(fc.nat(90), fc.integer({ min: -900, max: 0 })), {
        minLength: 1,
        maxLength: 5,
      }),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        let state = INITIAL_STATE
        let newest = 1000
        const applied: Trade[] = []
        for (const { latenessSeconds, steps } of events) {
          const given = steps.map((step) =>
            tick(Math.max(0, (newest = Math.max(newest, newest + step)) + Math.min(0, step))),
          )
          const evolved = evolve(state, ticks(given), { ...RULES, latenessSeconds })
          const refused = new Set(evolved.outcome.refused.map(({ index }) => index))
          applied.push(...given.filter((_, index) => !refused.has(index)))
          state = evolved.state
        }
        state = evolve(state, { type: 'flush', now: 0 }, RULES).state
        const names = emitted(state).map(([start, revision]) => `${start} ${revision}`)
        expect(new Set(names).size).toBe(names.length)
        const last = new Map(
          state.outbox.map(({ builder }) => {
            const {
              symbol: _symbol,
              complete: _complete,
              revision: _revision,
              closedAt: _closedAt,
              withdrawn,
              ...bar
            } = barOf('A', builder, { closedAt: 0 })
            // No trade was cancelled.
            expect(withdrawn).toBe(false)
            return [bar.start, bar]
          }),
        )
        expectEqual(last, plainFold(applied))
      }),
      { numRuns: 2000 },
    )
  })

  it('counts a redelivered record as duplicate', () => {
    const event = ticks([tick(0), tick(1)])
    const { outcome, state } = evolve(after(event), event, RULES)
    expect(outcome).toMatchObject({ applied: 0, duplicates: 2 })
    expect(state).toEqual(after(event))
  })

  it('counts the retry of a put that had succeeded as duplicate', () => {
    const producer = { source: 'feed', sequence: 7 }
    const state = after(ticks([tick(0)], { producer }))
    expect(evolve(state, ticks([tick(0)], { producer }), RULES).outcome).toMatchObject({
      applied: 0,
      duplicates: 1,
    })
  })

  it('keeps the numbers of its producers apart: nine sources, of which three repeat a record, make nine trades', () => {
    const sources = Array.from({ length: 9 }, (_, index) => ({ source: `feed-${index}`, sequence: 1 }))
    const once = after(...sources.map((producer) => ticks([tick(0)], { producer })))
    const events = sources.slice(0, 3).map((producer) => ticks([tick(0)], { producer }))
    const again = events.reduce((state, event) => evolve(state, event, RULES).state, once)
    expect(again.open?.count).toBe(9)
  })

  describe('by the clock', () => {
    const over = (T + 60) * 1000

    it('closes a minute that is over and was quiet for the grace', () => {
      const state = after(ticks([tick(59)], { now: over - 1000 }))
      expect(closesAt(state, RULES)).toBe(over + 1000)
      expect(
        emitted(
          after(ticks([tick(59)], { now: over - 1000 }), { type: 'clock', now: over + 999, clock: 'wall' }),
        ),
      ).toEqual([])
      const closed = evolve(state, { type: 'clock', now: over + 1000, clock: 'wall' }, RULES).state
      expect(emitted(closed)).toEqual([[0, 1, 1]])
      expect(closed.outbox[0]?.closedAt).toBe(over)
    })

    it('closes no minute that is not over', () => {
      expect(
        emitted(
          after(ticks([tick(0)], { now: over - 59_000 }), { type: 'clock', now: over - 1, clock: 'wall' }),
        ),
      ).toEqual([])
    })

    it('opens it again when it goes on, and revises it when it closes again', () => {
      const state = after(
        ticks([tick(0)]),
        { type: 'clock', now: over + 2000, clock: 'wall' },
        ticks([tick(1)], { now: over + 2500 }),
      )
      expect(emitted(state)).toEqual([[0, 1, 1]])
      expect(state.open?.count).toBe(2)
      expect(emitted(evolve(state, ticks([tick(60)]), RULES).state)).toEqual([
        [0, 1, 1],
        [0, 2, 2],
      ])
    })
  })

  it('closes everything at a flush, at whatever time', () => {
    expect(emitted(after(ticks([tick(0)]), { type: 'flush', now: 0 }, { type: 'flush', now: 0 }))).toEqual([
      [0, 1, 1],
    ])
  })

  it('forgets from the outbox what was emitted, and only that', () => {
    const state = after(ticks([tick(0), tick(60), tick(120)]), { type: 'emitted', count: 1 })
    expect(emitted(state)).toEqual([[60, 1, 1]])
  })

  it('leaves the state it was given as it was', () => {
    const state = after(ticks([tick(0), tick(61)]))
    const copy = structuredClone(state)
    evolve(state, ticks([tick(30), tick(62), tick(130)]), RULES)
    expect(state).toEqual(copy)
  })
})
