import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Audience } from '../../../bin/bridge/audience.ts'
import {
  type Channel,
  type Channels,
  NO_CHANNELS,
  type Selection,
  topicsFor,
  topicsOf,
} from '../../../bin/bridge/channels.ts'
import { decide, MAX_SUBSCRIPTIONS, type State } from '../../../bin/bridge/decide.ts'
import { covers, type Interest, interestOf, nextChange, NO_INTEREST } from '../../../bin/bridge/interest.ts'
import { union } from '../../../bin/bridge/sets.ts'
import type { Update } from '../../../bin/bridge/updates.ts'
import { decide as answer } from '../../../functions/broadcaster/decide.ts'
import { NO_SUBSCRIPTIONS } from '../../../functions/broadcaster/subscriptions.ts'

const symbol = fc.constantFrom('*', 'AAPL', 'MSFT', 'BRK B', 'BTC/USD')
const selection: fc.Arbitrary<Selection> = fc.record(
  { bars: fc.array(symbol), updatedBars: fc.array(symbol), trades: fc.array(symbol) },
  { requiredKeys: [] },
)
const message = fc.record({ type: fc.constantFrom('subscribe' as const, 'unsubscribe' as const), selection })
const CHANNELS: readonly Channel[] = ['bars', 'updatedBars', 'trades']

function after(
  messages: readonly { readonly type: 'subscribe' | 'unsubscribe'; readonly selection: Selection }[],
) {
  let channels = NO_CHANNELS
  for (const each of messages) {
    const decision = decide({ type: 'authenticated', key: 'key', channels }, each)
    if (decision.type === 'change') channels = decision.channels
  }
  return channels
}

describe('a connection', () => {
  it('has, after any messages, what was subscribed to and not unsubscribed from since', () => {
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const channels = after(messages)
        for (const channel of CHANNELS)
          for (const each of ['*', 'AAPL', 'MSFT', 'BRK B', 'BTC/USD']) {
            const last = messages.findLast(({ selection: of }) => of[channel]?.includes(each))
            expect(channels[channel].has(each)).toBe(last?.type === 'subscribe')
          }
      }),
    )
  })

  it('ends in the union of subscriptions, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(selection), (selections) => {
        const messages = selections.map((each) => ({ type: 'subscribe' as const, selection: each }))
        expect(topicsOf(after(messages))).toEqual(topicsOf(after(messages.toReversed())))
      }),
    )
  })

  it('may do nothing before its key is taken, and sends a key once', () => {
    const greeted: State = { type: 'greeted' }
    const open: State = { type: 'authenticated', key: 'key', channels: NO_CHANNELS }
    const subscribing = { type: 'subscribe', selection: { bars: ['AAPL'] } } as const
    expect(decide(greeted, subscribing)).toMatchObject({ fault: { kind: 'not-authenticated' } })
    expect(decide(greeted, { type: 'authenticate', key: 'key' })).toEqual({ type: 'check', key: 'key' })
    expect(decide(open, { type: 'authenticate', key: 'key' })).toMatchObject({
      fault: { kind: 'already-authenticated' },
    })
  })

  it('refuses more subscriptions than are allowed, and adds none of them', () => {
    const bars = Array.from({ length: MAX_SUBSCRIPTIONS }, (_, index) => `S${index}`)
    const full = after([{ type: 'subscribe', selection: { bars } }])
    expect(full.bars.size).toBe(MAX_SUBSCRIPTIONS)
    const state: State = { type: 'authenticated', key: 'key', channels: full }
    expect(decide(state, { type: 'subscribe', selection: { trades: ['AAPL'] } })).toMatchObject({
      type: 'refuse',
      fault: { kind: 'too-many-symbols', detail: expect.stringContaining('10001') },
    })
  })
})

const bar = { type: 'bar', timestamp: '2025-11-10T17:24:00Z', revision: 1, open: '1', high: '1' } as const
const rest = { low: '1', close: '1', volume: '1', vwap: '1', trade_count: 1 } as const
const updatesOf = (name: string): readonly Update[] => [
  { type: 'bar', symbol: name, bar: { ...bar, ...rest, symbol: name } },
  { type: 'corrected', symbol: name, bar: { ...bar, ...rest, symbol: name, revision: 2 } },
  { type: 'trade', symbol: name, ticks: { type: 'ticks', symbol: name, close: '1', volume: '1', time: 1 } },
]
const UPDATES = ['AAPL', 'MSFT', 'BRK B', 'BTC/USD', 'NVDA'].flatMap(updatesOf)

it('an audience gives each client what it subscribes to, once and in order, and nothing else', () => {
  const client = fc.integer({ min: 0, max: 3 })
  fc.assert(
    fc.property(fc.array(fc.tuple(client, fc.array(message, { maxLength: 4 }))), (steps) => {
      const audience = new Audience<number>()
      const now = new Map<number, Channels>()
      for (const [who, messages] of steps) {
        now.set(who, after(messages))
        audience.set(who, after(messages))
      }
      const shares = audience.share(UPDATES)
      for (const [who, channels] of now) {
        const topics = topicsOf(channels)
        const wanted = UPDATES.filter((update) => topicsFor(update).some((topic) => topics.has(topic)))
        expect(shares.get(who) ?? []).toEqual(wanted)
      }
      const all = [...now.values()].map(interestOf)
      expect(audience.interest()).toEqual({
        bar: union(...all.map((each) => each.bar)),
        ticks: union(...all.map((each) => each.ticks)),
      })
    }),
  )
})

describe('the one subscription to TickStock', () => {
  const names = fc.uniqueArray(
    fc.integer({ min: 0, max: 700 }).map((number) => `S${number}`),
    {
      maxLength: 700,
    },
  )
  const wantedOf = fc
    .tuple(names, fc.boolean())
    .map(([list, all]): ReadonlySet<string> => new Set(all ? ['*', ...list] : list))
  const interest: fc.Arbitrary<Interest> = fc.record({ bar: wantedOf, ticks: wantedOf })

  it('comes to what is wanted by messages that the API takes, and leaves out nothing on the way that stays wanted', () => {
    fc.assert(
      fc.property(fc.array(interest, { minLength: 1, maxLength: 4 }), (wishes) => {
        let [api, subscribed] = [NO_SUBSCRIPTIONS, NO_INTEREST]
        for (const wanted of wishes) {
          const kept = {
            bar: keptOf(subscribed.bar, wanted.bar),
            ticks: keptOf(subscribed.ticks, wanted.ticks),
          }
          for (let change = nextChange(subscribed, wanted); change; change = nextChange(subscribed, wanted)) {
            const decision = answer(api, JSON.stringify(change))
            expect(decision.answer.type).toBe(`${change.action}d`)
            api = decision.subscriptions
            subscribed = { bar: api.bar, ticks: api.ticks }
            expect(covers(subscribed, kept)).toBe(true)
          }
          expect(covers(subscribed, wanted)).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('is nothing when nothing is wanted any more', () => {
    let subscribed: Interest = { bar: new Set(['*', 'AAPL']), ticks: new Set(['MSFT']) }
    let api = answer(
      answer(NO_SUBSCRIPTIONS, '{"action":"subscribe","symbols":["*","AAPL"],"types":["bar"]}').subscriptions,
      '{"action":"subscribe","symbols":["MSFT"],"types":["ticks"]}',
    ).subscriptions
    for (
      let change = nextChange(subscribed, NO_INTEREST);
      change;
      change = nextChange(subscribed, NO_INTEREST)
    ) {
      api = answer(api, JSON.stringify(change)).subscriptions
      subscribed = { bar: api.bar, ticks: api.ticks }
    }
    expect(subscribed).toEqual(NO_INTEREST)
  })
})

/** Of what was received and stays wanted, all that a client may count on; of all symbols, each. */
function keptOf(had: ReadonlySet<string>, wanted: ReadonlySet<string>): ReadonlySet<string> {
  if (had.has('*')) return wanted
  return new Set([...had].filter((each) => wanted.has(each) || wanted.has('*')))
}
