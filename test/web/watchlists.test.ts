import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { searchSymbols } from '../../web/src/market/search-symbols.ts'
import {
  MOST_SYMBOLS,
  neighbour,
  readWatchlists,
  shownList,
  startingWith,
  withList,
  withName,
  withoutList,
  withoutSymbol,
  withSymbol,
} from '../../web/src/state/watchlists.ts'

const EMPTY = readWatchlists(null)

describe('watchlists', () => {
  it('start with the first symbols, which grow in number as bars come', () => {
    const first = startingWith(EMPTY, ['CRM'])
    expect(shownList(first).symbols).toEqual(['CRM'])
    expect(startingWith(first, ['CRM'])).toBe(first)
    expect(shownList(startingWith(first, ['AAPL', 'CRM', 'V'])).symbols).toEqual(['AAPL', 'CRM', 'V'])
    const many = Array.from({ length: 70 }, (_, index) => `S${index}`)
    expect(shownList(startingWith(first, many)).symbols).toEqual(many.slice(0, 30))
    const several = withList(EMPTY, 'Tech')
    expect(startingWith(several, many)).toBe(several)
  })

  it('are several, each with its symbols', () => {
    const all = withSymbol(withList(withSymbol(EMPTY, 'AAPL'), 'Tech'), 'MSFT')
    expect(all).toEqual({
      lists: [
        { name: 'Watchlist', symbols: ['AAPL'] },
        { name: 'Tech', symbols: ['MSFT'] },
      ],
      shown: 1,
    })
    expect(shownList(withoutList(all)).symbols).toEqual(['AAPL'])
    expect(shownList(withoutSymbol(all, 'MSFT')).symbols).toEqual([])
    expect(readWatchlists(JSON.stringify(all))).toEqual(all)
  })

  it('have each symbol once and each name once', () => {
    const one = withSymbol(EMPTY, 'AAPL')
    expect(withSymbol(one, 'AAPL')).toBe(one)
    expect(withList(one, 'Watchlist').lists.map(({ name }) => name)).toEqual(['Watchlist', 'Watchlist 2'])
    expect(withName(one, '  ').lists.map(({ name }) => name)).toEqual(['Watchlist'])
  })

  it('are never none, and never longer than a connection can follow', () => {
    expect(withoutList(withSymbol(EMPTY, 'A'))).toEqual(EMPTY)
    const full = Array.from({ length: MOST_SYMBOLS }, (_, index) => `S${index}`).reduce(withSymbol, EMPTY)
    expect(withSymbol(full, 'ONE-MORE')).toBe(full)
  })

  it('begin anew where a browser kept something else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const all = readWatchlists(text)
        expect(all.lists.length).toBeGreaterThan(0)
        expect(all.lists[all.shown]).toBeDefined()
      }),
    )
    expect(readWatchlists('{"lists":[{"name":"A","symbols":["X",1,"X",""]},{"name":1}],"shown":7}')).toEqual({
      lists: [{ name: 'A', symbols: ['X'] }],
      shown: 0,
    })
  })

  it('are stepped through, round the end', () => {
    const symbols = ['A', 'B', 'C']
    const next = ['A', 'C', 'X', null].map((symbol) => neighbour(symbols, symbol, 1))
    expect(next).toEqual(['B', 'A', 'A', 'A'])
    expect([neighbour(symbols, 'A', -1), neighbour(symbols, null, -1), neighbour([], 'A', 1)]).toEqual([
      'C',
      'C',
      undefined,
    ])
  })
})

describe('the search', () => {
  it('finds what is equal, what begins so, and what has it', () => {
    const symbols = ['AAPL', 'MA', 'MAR', 'aapl', 'XMAS']
    expect(searchSymbols(symbols, 'ma')).toEqual(['MA', 'MAR', 'XMAS'])
    expect(searchSymbols(symbols, 'aapl')).toEqual(['aapl', 'AAPL'])
    expect(searchSymbols(symbols, 'none')).toEqual([])
    expect(searchSymbols(symbols, ' ')).toEqual(symbols)
  })
})
