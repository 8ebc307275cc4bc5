import fc from 'fast-check'
import { expect, it } from 'vitest'

import { HeldTrades } from '../../../feed/files/held-trades.ts'
import { timeOf } from '../../../feed/files/sort-trades.ts'

const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), longText())
const maybeText = fc.option(text, { nil: undefined })

/** Around the length from which a text is kept as it is. */
function longText(): fc.Arbitrary<string> {
  return fc.integer({ min: 240, max: 300 }).map((length) => 'é'.repeat(length))
}

const PLAIN = { noNullPrototype: true } as const

const trade = fc.record(
  {
    tick: fc.record(
      {
        symbol: text,
        timestamp: fc.nat(1_000_000_000).map((nanos) => `1760106735.${String(nanos).padStart(9, '0')}`),
        price: text,
        volume: text,
        id: maybeText,
        line: fc.option(fc.record({ name: text, isContiguous: fc.boolean() }, PLAIN), { nil: undefined }),
        conditions: maybeText,
        tape: maybeText,
        side: fc.constantFrom(undefined, 'buy' as const, 'sell' as const),
      },
      PLAIN,
    ),
    file: fc.nat(3),
    place: fc.nat(),
    order: fc.option(fc.integer(), { nil: undefined }),
    identity: maybeText,
  },
  PLAIN,
)

it('gives trades back as they were, whatever their texts', () => {
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 30 }), fc.array(trade, { maxLength: 30 }), (first, second) => {
      const held = new HeldTrades()
      // Its memory is used again once it was cleared.
      for (const trades of [first, second]) {
        held.clear()
        for (const [index, each] of trades.entries()) held.add(each, timeOf(each.tick.timestamp), index)
        expect(trades.map((_, row) => held.at(row))).toStrictEqual(
          trades.map((each, index) => ({ ...each, index, ...timeOf(each.tick.timestamp) })),
        )
      }
    }),
  )
})

it('holds more trades than it has room for at first', () => {
  const held = new HeldTrades()
  const each = (place: number) => ({
    tick: {
      symbol: `S${place % 7}`,
      timestamp: `${place}.5`,
      price: `${place}`,
      volume: '0.'.padEnd(30, '1'),
    },
    file: 0,
    place,
    order: undefined,
    identity: undefined,
  })
  const COUNT = 20_000
  for (let place = 0; place < COUNT; place++) held.add(each(place), timeOf(`${place}.5`), place)
  expect(held.count).toBe(COUNT)
  for (const place of [0, 4095, 4096, 8192, COUNT - 1]) expect(held.at(place)).toMatchObject(each(place))
})
