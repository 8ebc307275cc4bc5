import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import {
  type HistoryEvent,
  parseEvent,
  type Request,
  type SeenBar,
} from '../../../../../bin/embedded/chaos/outside/history.ts'
import { judge } from '../../../../../bin/embedded/chaos/outside/judge.ts'
import {
  answered,
  at,
  bar,
  CORRECTED,
  FIRST,
  LACKING,
  LAST,
  NEXT,
  put,
  PUTS,
  readAtTheEnd,
  received,
  RIGHT,
  SECOND,
  SPAN,
  subscribed,
  THIRD,
} from './doctored-history.ts'

const findings = (events: readonly HistoryEvent[]) =>
  judge(events).findings.map(({ kind, text, count = 1 }) => ({ kind, text, count }))
const kinds = (events: readonly HistoryEvent[]) => [...new Set(findings(events).map(({ kind }) => kind))]

/** The right history, with what was read at the end in place of what it has. */
const endingWith = (bars: readonly SeenBar[], revisions: readonly SeenBar[] = [LACKING, CORRECTED]) => [
  ...RIGHT.filter(({ type }) => type === 'put'),
  ...readAtTheEnd(bars, revisions),
]

/** Trades, and what came on a connection. */
const connected = (...events: readonly HistoryEvent[]) => [
  ...PUTS,
  subscribed(1, -10),
  ...events,
  ...readAtTheEnd([CORRECTED, NEXT, LAST], [LACKING, CORRECTED]),
]

describe('a right history', () => {
  it('has no finding, and is counted', () => {
    expect(judge(RIGHT)).toEqual({
      acknowledged: 5,
      answers: 5,
      asofAgain: 0,
      received: 4,
      revisions: 4,
      findings: [],
    })
  })

  it('has none after it was stored as text and read again, in whose numbers zeros stand at the end', () => {
    const zeros = RIGHT.map((event) =>
      event.type === 'answered'
        ? {
            ...event,
            bars: event.bars.map((each) => ({
              ...each,
              open: `${each.open}.00`,
              volume: `${each.volume}.0`,
            })),
          }
        : event,
    )
    expect(findings(zeros.map((event) => parseEvent(JSON.stringify(event))))).toEqual([])
  })

  it('has none where a repetition follows, a connection ended, or an answer was none', () => {
    const ended: HistoryEvent = { type: 'ended', connection: 1, at: at(7150) }
    const away = { ...answered(7400, { kind: 'bars', ...SPAN }), status: 503 }
    expect(
      findings(connected(received(1, 6600, LACKING), received(1, 7100, CORRECTED, LACKING), ended, away)),
    ).toEqual([])
  })
})

describe('at the end', () => {
  it('a trade is lost where the bar of its minute has too few', () => {
    expect(
      findings(endingWith([bar(FIRST, 2, { revision: 2, complete: false }), NEXT, LAST], [LACKING])),
    ).toEqual([
      { kind: 'lost', text: expect.stringContaining('3 trades acknowledged, 2 at the end'), count: 1 },
    ])
  })

  it('trades are in no bar where their minute has none, unless that was reported', () => {
    const bars = [CORRECTED, LAST]
    expect(findings(endingWith(bars))).toEqual([
      {
        kind: 'unreported',
        text: expect.stringContaining(`AAPL ${SECOND}: 1 trades acknowledged, no bar`),
        count: 1,
      },
    ])
    const reported: HistoryEvent = { type: 'reported', symbol: 'AAPL', timestamp: SECOND, trades: 1 }
    expect(findings([...endingWith(bars), reported])).toEqual([])
  })

  it('a trade whose put was never acknowledged may be in its bar or not', () => {
    const doubtful = put(6, 140, { outcome: 'unknown' })
    expect(findings([...endingWith([CORRECTED, NEXT, LAST]), doubtful])).toEqual([])
    const { trades } = doubtful
    const both = {
      high: '106',
      close: '106',
      volume: '2',
      notional: '211',
      vwap: '105.5',
      tradeCount: trades.length + 1,
    }
    expect(findings([...endingWith([CORRECTED, NEXT, { ...LAST, ...both }]), doubtful])).toEqual([])
  })

  it('a symbol that nobody has read is a finding', () => {
    expect(kinds(PUTS)).toEqual(['unread'])
    expect(
      kinds([
        ...PUTS,
        ...readAtTheEnd([CORRECTED, NEXT, LAST], []).map((event) =>
          event.type === 'answered' ? { ...event, status: 500 } : event,
        ),
      ]),
    ).toEqual(['unread'])
  })

  it('complete is wrong where it is false and nothing is missing', () => {
    expect(kinds(endingWith([CORRECTED, NEXT, { ...LAST, complete: false }]))).toEqual(['complete'])
  })

  it('a revision is lost that was seen and is not among those of its bar', () => {
    expect(
      kinds([...RIGHT.slice(0, -1), answered(20_004, { kind: 'revisions', ...SPAN }, CORRECTED)]),
    ).toEqual(['revision-lost'])
  })
})

describe('a revision', () => {
  it('has doubled trades where it has more than were put by then, or those of a minute without any', () => {
    expect(kinds(connected(received(1, 6600, LACKING), received(1, 6800, CORRECTED)))).toContain('doubled')
    expect(kinds(endingWith([CORRECTED, NEXT, { ...LAST, tradeCount: 2 }]))).toContain('doubled')
    const nobodys = { ...LAST, timestamp: '2025-10-10T15:00:00Z' }
    expect(kinds(endingWith([CORRECTED, NEXT, LAST, nobodys]))).toEqual(['doubled'])
  })

  it.each(['open', 'high', 'low', 'close', 'volume', 'notional', 'vwap'] as const)(
    'differs from its trades by its %s',
    (field) => {
      const wrong = { ...LAST, [field]: '999' }
      expect(findings(endingWith([CORRECTED, NEXT, wrong]))).toEqual([
        { kind: 'differs', text: expect.stringContaining(`${field} `), count: 1 },
      ])
    },
  )

  it('differs where it has another trade than the first ones put, though the last revision is right', () => {
    const withLate = bar(FIRST, 3)
    const skipped = { ...LACKING, close: withLate.close, high: withLate.high, volume: '2', open: '102' }
    expect(kinds(connected(received(1, 7050, skipped), received(1, 7100, CORRECTED)))).toContain('differs')
  })

  it('says complete wrongly where ids around a missing one were applied', () => {
    const boast = { ...LACKING, complete: true }
    const events = RIGHT.map((event): HistoryEvent =>
      event.type === 'received' || event.type === 'answered'
        ? {
            ...event,
            bars: event.bars.map((each) => (each.revision === 1 && each.timestamp === FIRST ? boast : each)),
          }
        : event,
    )
    expect(findings(events)).toEqual([
      {
        kind: 'complete',
        text: expect.stringContaining('complete is true, and trades 2 are not in it'),
        count: 1,
      },
    ])
  })

  it('may say complete while nobody can know of a later trade of its minute', () => {
    const early = [put(1, 0), put(2, 30), put(3, 40)]
    const first = { ...bar(FIRST, 1), open: '101', complete: true }
    const events = [...early, answered(10, { kind: 'bars', ...SPAN }, first)]
    expect(kinds(events)).toEqual(['unread'])
  })

  it('has two contents where REST and WebSocket disagree, or one of them with itself', () => {
    const other = { ...CORRECTED, complete: null }
    expect(findings([...RIGHT, answered(20_006, { kind: 'revisions', ...SPAN }, LACKING, other)])).toEqual([
      {
        kind: 'disagrees',
        text: expect.stringMatching(/r2: complete true and null \(.*WebSocket.*REST\)/),
        count: 1,
      },
    ])
    expect(kinds([...RIGHT, received(1, 20_006, other)])).toEqual(['disagrees'])
  })
})

describe('a connection', () => {
  it('is reordered where a revision comes first after a higher one', () => {
    expect(
      findings(
        connected(received(1, 7100, CORRECTED), received(1, 7200, LACKING), received(1, 15_000, NEXT, LAST)),
      ),
    ).toEqual([
      {
        kind: 'reordered',
        text: expect.stringContaining(`AAPL ${FIRST} r1: first received after r2`),
        count: 1,
      },
    ])
  })

  it('has a gap where it is open and what was made since is not on it', () => {
    expect(findings(connected(received(1, 7100, LACKING, CORRECTED, NEXT)))).toEqual([
      { kind: 'gap', text: expect.stringContaining(`AAPL ${THIRD} r1: not sent on connection 1`), count: 1 },
    ])
  })

  it('has a gap where it ended after it was sent something made later', () => {
    const ended: HistoryEvent = { type: 'ended', connection: 1, at: at(16_000) }
    // A lower revision of the same bar.
    expect(kinds(connected(received(1, 7100, CORRECTED), ended))).toEqual(['gap'])
    // A bar of trades that were put after somebody had seen the other.
    const seen = answered(7200, { kind: 'bars', ...SPAN }, NEXT)
    expect(
      findings([...connected(seen, received(1, 7300, LACKING, CORRECTED), received(1, 15_000, LAST), ended)]),
    ).toEqual([
      { kind: 'gap', text: expect.stringContaining(`AAPL ${SECOND} r1: not sent on connection 1`), count: 1 },
    ])
  })

  it('is owed nothing that may have been made before it was subscribed, or after it ended', () => {
    const late = subscribed(2, 13_050)
    const ended: HistoryEvent = { type: 'ended', connection: 2, at: at(13_060) }
    expect(findings([...RIGHT, late, received(2, 15_000, LAST)])).toEqual([])
    expect(
      findings([...RIGHT, subscribed(2, 6000), received(2, 6600, LACKING), { ...ended, at: at(6650) }]),
    ).toEqual([])
  })
})

describe('an answer', () => {
  const bars = { kind: 'bars', ...SPAN } as const

  it('is older than one before where it shows a lower revision, or no bar', () => {
    expect(kinds([...RIGHT, answered(7400, bars, LACKING)])).toEqual(['went-back'])
    expect(kinds([...RIGHT, answered(7400, bars)])).toEqual(['went-back'])
    expect(kinds([...RIGHT, answered(20_100, { kind: 'revisions', ...SPAN }, LACKING)])).toEqual([
      'went-back',
    ])
  })

  it('is not where it was asked for before the other was there, of other minutes, or another endpoint', () => {
    const overtaken = { ...answered(7400, bars, LACKING), sentAt: at(7150) }
    expect(findings([...RIGHT, overtaken])).toEqual([])
    expect(findings([...RIGHT, answered(7400, { ...bars, start: SECOND })])).toEqual([])
    expect(findings([...RIGHT, answered(7400, { kind: 'revisions', ...SPAN })])).toEqual([])
  })

  it('with the newest bar is older where it shows an earlier minute', () => {
    const latest: Request = { kind: 'latest', symbols: ['AAPL'] }
    expect(findings([...RIGHT, answered(15_100, latest, LAST), answered(15_200, latest, LAST)])).toEqual([])
    expect(kinds([...RIGHT, answered(15_100, latest, LAST), answered(15_200, latest, NEXT)])).toEqual([
      'went-back',
    ])
    expect(kinds([...RIGHT, answered(15_100, latest, LAST), answered(15_200, latest)])).toEqual(['went-back'])
  })

  it('as of a time never changes, once there is one', () => {
    const asof = { kind: 'asof', ...SPAN, asof: '2025-10-10T15:00:00.000Z' } as const
    const refused = { ...answered(6000, asof), status: 400 }
    const same = [...RIGHT, refused, answered(7000, asof, LACKING), answered(8000, asof, LACKING)]
    expect(judge(same)).toMatchObject({ asofAgain: 1, findings: [] })
    expect(findings([...same, answered(9000, asof, CORRECTED)])).toEqual([
      {
        kind: 'asof-changed',
        text: expect.stringContaining(`gone: AAPL ${FIRST} r1; come: AAPL ${FIRST} r2`),
        count: 1,
      },
    ])
    expect(
      findings([...same, answered(9000, { ...asof, asof: '2025-10-10T15:00:01.000Z' }, CORRECTED)]),
    ).toEqual([])
  })
})

it('what is no event is no history', () => {
  expect(() => parseEvent('{"type":"put"}')).toThrow(z.ZodError)
  expect(() => parseEvent('rubbish')).toThrow(SyntaxError)
})
