import { describe, expect, it } from 'vitest'

import { decide } from '../../../functions/broadcaster/decide.ts'
import {
  MAX_SYMBOLS,
  NO_SUBSCRIPTIONS,
  RECORD_TYPES,
  type RecordType,
  subscribe,
  type Subscriptions,
  wants,
} from '../../../functions/broadcaster/subscriptions.ts'

const ALL_TYPES = [...RECORD_TYPES]
const having = (symbols: readonly string[], types: readonly RecordType[] = RECORD_TYPES): Subscriptions =>
  subscribe(NO_SUBSCRIPTIONS, { symbols, types })
const say = (before: Subscriptions, message: unknown) => decide(before, JSON.stringify(message))
const errorOf = (text: string): string => {
  const { answer, subscriptions } = decide(NO_SUBSCRIPTIONS, text)
  expect(subscriptions).toBe(NO_SUBSCRIPTIONS)
  return answer.type === 'error' ? answer.error : JSON.stringify(answer)
}

describe('to subscribe', () => {
  it('takes all types where none is named, and tells what the connection has now', () => {
    const { answer, subscriptions } = say(NO_SUBSCRIPTIONS, {
      action: 'subscribe',
      symbols: ['MSFT', 'AAPL'],
    })
    expect(answer).toEqual({
      type: 'subscribed',
      symbols: ['MSFT', 'AAPL'],
      types: ALL_TYPES,
      subscriptions: {
        bar: ['AAPL', 'MSFT'],
        indicators: ['AAPL', 'MSFT'],
        patterns: ['AAPL', 'MSFT'],
        ticks: [],
      },
    })
    expect(subscriptions).toEqual(having(['AAPL', 'MSFT']))
  })

  it('adds to what was there, by type, and changes nothing when said again', () => {
    const message = { action: 'subscribe', symbols: ['MSFT'], types: ['patterns'] }
    const once = say(having(['AAPL'], ['bar']), message)
    expect(once.answer).toMatchObject({
      subscriptions: { bar: ['AAPL'], indicators: [], patterns: ['MSFT'], ticks: [] },
    })
    expect(say(once.subscriptions, message)).toEqual(once)
  })

  it('takes * for every symbol', () => {
    const { subscriptions } = say(NO_SUBSCRIPTIONS, { action: 'subscribe', symbols: ['*'], types: ['bar'] })
    expect(wants(subscriptions, { type: 'bar', symbol: 'ANY' })).toBe(true)
    expect(wants(subscriptions, { type: 'indicators', symbol: 'ANY' })).toBe(false)
  })

  it('takes as many symbols as allowed on a connection, * not counted, and adds none beyond', () => {
    const names = Array.from({ length: MAX_SYMBOLS }, (_, index) => `S${index}`)
    const full = say(having(['*']), { action: 'subscribe', symbols: names, types: ['bar'] })
    expect(full.answer.type).toBe('subscribed')
    expect(say(full.subscriptions, { action: 'subscribe', symbols: names }).answer.type).toBe('subscribed')
    const { answer, subscriptions } = say(full.subscriptions, { action: 'subscribe', symbols: ['S1', 'X'] })
    expect(answer).toEqual({
      type: 'error',
      error: expect.stringMatching(
        /^symbols would be 501 on this connection: allowed are 500, and none was added/,
      ),
    })
    expect(subscriptions).toBe(full.subscriptions)
  })
})

describe('to unsubscribe', () => {
  it('takes symbols away, by type, also ones that were not there', () => {
    const { answer, subscriptions } = say(having(['A', 'B']), {
      action: 'unsubscribe',
      symbols: ['A', 'C'],
      types: ['indicators'],
    })
    expect(answer).toEqual({
      type: 'unsubscribed',
      symbols: ['A', 'C'],
      types: ['indicators'],
      subscriptions: { bar: ['A', 'B'], indicators: ['B'], patterns: ['A', 'B'], ticks: [] },
    })
    expect(wants(subscriptions, { type: 'indicators', symbol: 'A' })).toBe(false)
  })

  it('takes everything away by *', () => {
    expect(say(having(['A', '*']), { action: 'unsubscribe', symbols: ['*'] }).subscriptions).toEqual(
      NO_SUBSCRIPTIONS,
    )
  })

  it('leaves * where a single symbol is taken away, and the answer shows it', () => {
    const { answer } = say(having(['*'], ['bar']), { action: 'unsubscribe', symbols: ['A'] })
    expect(answer).toMatchObject({ subscriptions: { bar: ['*'] } })
  })
})

it('a ping is answered, and keeps everything as it is', () => {
  const before = having(['A'])
  expect(say(before, { action: 'ping' })).toEqual({ subscriptions: before, answer: { type: 'pong' } })
})

describe('a message that cannot be understood is told what was wrong, with which value and what is allowed', () => {
  it.each([
    ['', /^the message {2}is not JSON: allowed is an object, as {"action":"subscribe"/],
    ['subscribe AAPL', /^the message subscribe AAPL is not JSON/],
    ['["AAPL"]', /^the message is \["AAPL"\]: allowed is an object/],
    ['null', /^the message is null: allowed is an object/],
    ['{}', /^action is not set: allowed is subscribe, unsubscribe or ping$/],
    ['{"action":"buy"}', /^action is "buy": allowed is subscribe, unsubscribe or ping$/],
    [
      '{"action":"subscribe"}',
      /^symbols is not set: allowed is a list of 1 to 500 symbols, or \["\*"\] for all$/,
    ],
    ['{"action":"subscribe","symbols":"AAPL"}', /^symbols is "AAPL": allowed is a list/],
    ['{"action":"subscribe","symbols":[]}', /^symbols is \[\]: allowed is a list/],
    ['{"action":"subscribe","symbols":["A",5]}', /^symbols\[1\] is 5: allowed is a symbol in quotes/],
    ['{"action":"subscribe","symbols":["A;B"]}', /^symbols\[0\] is "A;B": allowed are 1 to 64 letters/],
    ['{"action":"subscribe","symbols":[""]}', /^symbols\[0\] is "": allowed are 1 to 64/],
    [
      '{"action":"subscribe","symbols":["A"],"types":["trades"]}',
      /^types\[0\] is "trades": allowed is bar, indi/,
    ],
    [
      '{"action":"subscribe","symbols":["A"],"types":[]}',
      /^types is \[\]: allowed is a list of bar, indicators/,
    ],
    ['{"action":"subscribe","symbols":["A"],"type":["bar"]}', /^there is no key type$/],
    ['{"action":"ping","id":1}', /^there is no key id$/],
    ['{"action":"subscribe","symbols":[1],"types":5}', /^symbols\[0\] is 1: .*; types is 5: /],
  ])('%s', (text, says) => {
    expect(errorOf(text)).toMatch(says)
  })

  it.each([2000, 8600, 20_000])('%i objects in each other', (depth) => {
    const deep = `{"action":"subscribe","symbols":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
    expect(errorOf(deep)).toMatch(/^the message .* is refused: .* more than 32 deep, from character \d+ on; /)
  })

  it('and no more of it is repeated than a reader needs', () => {
    const symbols = Array.from({ length: MAX_SYMBOLS + 1 }, (_, index) => `S${index}`)
    expect(errorOf(JSON.stringify({ action: 'subscribe', symbols }))).toMatch(
      /^symbols is \["S0".{55}\.\.\. \(3\d+ char/,
    )
    const wrong = symbols.slice(1).map(() => 'A"B')
    expect(errorOf(JSON.stringify({ action: 'subscribe', symbols: wrong }))).toMatch(
      /^symbols\[0\] is .*; symbols\[1\] is .*; symbols\[2\] is [^;]*; and 497 more$/,
    )
    const keys = Object.fromEntries(symbols.map((symbol) => [symbol, 1]))
    expect(errorOf(JSON.stringify({ action: 'ping', ...keys }))).toMatch(
      /^there is no key S0, S1, S2, and 498 more$/,
    )
  })
})
