import { describe, expect, it } from 'vitest'

import { type Evidence, strike } from '../../../../bin/embedded/chaos/balance.ts'
import type { SentBar } from '../../../../bin/embedded/chaos/protocol.ts'
import { revisionKey, type Session } from '../../../../bin/embedded/chaos/sessions.ts'
import { barKey } from '../../../../bin/stage/verify/bar-differences.ts'
import { plainFold } from '../../../../bin/stage/verify/plain-fold.ts'
import { trade } from '../../../support/trades.ts'

const T = 1_760_106_720
const TRADES = [0, 10, 65, 130].map((second) => trade({ seconds: T + second, price: 100 + second }))
const BARS = [...plainFold(TRADES)].map(
  ([start, bar]) => [barKey('AAPL', start), { ...bar, symbol: 'AAPL' }] as const,
)

/** Three minutes, the first of which was revised. */
const SENT: readonly SentBar[] = [
  ['2025-10-10T14:32:00Z', 1],
  ['2025-10-10T14:32:00Z', 2],
  ['2025-10-10T14:33:00Z', 1],
  ['2025-10-10T14:34:00Z', 1],
].map(([timestamp, revision], index) => ({
  symbol: 'AAPL',
  timestamp: String(timestamp),
  revision: Number(revision),
  arrivedAt: 1000 + index,
}))
const KEYS = SENT.map(revisionKey)

function session(received: readonly string[], others: Partial<Session> = {}): Session {
  return { symbols: new Set(['AAPL']), subscribedAt: 0, received: new Set(received), isOpen: true, ...others }
}

function evidence(others: Partial<Evidence> = {}): Evidence {
  return {
    acknowledged: new Map([['AAPL', TRADES]]),
    stored: new Map(BARS.map(([key, bar]) => [key, { ...bar, complete: null }])),
    storedRevisions: new Set(KEYS),
    sent: SENT,
    sessions: [[session(KEYS)]],
    deadLetters: [],
    ...others,
  }
}

/** The stored bars, one of them changed. */
function storedWith(
  index: number,
  change: Partial<Evidence['stored'] extends ReadonlyMap<string, infer Bar> ? Bar : never>,
) {
  return new Map(
    [...evidence().stored].map(([key, bar], at) => [key, at === index ? { ...bar, ...change } : bar]),
  )
}

describe('the balance', () => {
  it('is even when every trade and revision is where it is to be', () => {
    expect(strike(evidence())).toEqual({
      acknowledged: 4,
      inBars: 4,
      lost: 0,
      doubled: 0,
      bars: 3,
      wrongBars: 0,
      revisions: 4,
      revisionsMissing: 0,
      clients: 1,
      connections: 1,
      clientsNotTold: 0,
      deadLetters: 0,
      faults: [],
    })
  })

  it('has what was lost and what was doubled, though they cancel each other out', () => {
    const stored = new Map([
      ...storedWith(0, { tradeCount: 1 }),
      ...[...storedWith(1, { tradeCount: 2 })].slice(1, 2),
    ])
    expect(strike(evidence({ stored }))).toMatchObject({ inBars: 4, lost: 1, doubled: 1, wrongBars: 2 })
  })

  it('has bars that are missing, of no trade, or of other numbers', () => {
    const missing = new Map([...evidence().stored].slice(1))
    expect(strike(evidence({ stored: missing }))).toMatchObject({ lost: 2, wrongBars: 1 })
    expect(strike(evidence({ acknowledged: new Map() }))).toMatchObject({ doubled: 4, wrongBars: 3 })
    expect(strike(evidence({ stored: storedWith(2, { high: '999' }) }))).toMatchObject({
      lost: 0,
      wrongBars: 1,
      faults: ['AAPL 2025-10-10T14:34:00Z: high 230 expected, 999 found'],
    })
  })

  it('has revisions that were sent, on the stream or to a client, and are not in the database', () => {
    const storedRevisions = new Set(KEYS.slice(1))
    expect(strike(evidence({ storedRevisions }))).toMatchObject({
      revisionsMissing: 1,
      faults: ['AAPL 2025-10-10T14:32:00Z r1: sent, and not in the database'],
    })
    const sessions = [[session([...KEYS, 'AAPL 2025-10-10T14:34:00Z r2'])]]
    expect(strike(evidence({ sessions }))).toMatchObject({ revisionsMissing: 1 })
  })

  it('has dead letters', () => {
    expect(strike(evidence({ deadLetters: ['rejected/1'] }))).toMatchObject({ deadLetters: 1 })
  })
})

describe('a client', () => {
  const notTold = (...sessions: readonly Session[]) =>
    strike(evidence({ sessions: [sessions] })).clientsNotTold

  it('was not told of a gap when its connection lacks what came between two that it was sent', () => {
    expect(notTold(session([...KEYS.slice(0, 1), ...KEYS.slice(2)], { isOpen: false }))).toBe(1)
  })

  it('was not told of it when a connection that is still open lacks the last', () => {
    expect(notTold(session(KEYS.slice(0, 3)))).toBe(1)
    expect(notTold(session([]))).toBe(1)
  })

  it('was told of it when the connection has ended', () => {
    expect(
      notTold(session(KEYS.slice(0, 2), { isOpen: false }), session(KEYS.slice(3), { subscribedAt: 1002 })),
    ).toBe(0)
  })

  it('is owed nothing because what it was sent came again on the stream later', () => {
    const sent = [...SENT, ...SENT.slice(0, 1).map((bar) => ({ ...bar, arrivedAt: 2000 }))]
    const sessions = [[session(KEYS.slice(0, 1), { isOpen: false })]]
    expect(strike(evidence({ sent, sessions })).clientsNotTold).toBe(0)
  })

  it('is not owed what came before it was subscribed, or of other symbols', () => {
    expect(notTold(session(KEYS.slice(2), { subscribedAt: 1001 }))).toBe(0)
    expect(notTold(session([], { symbols: new Set(['MSFT']) }))).toBe(0)
  })
})
