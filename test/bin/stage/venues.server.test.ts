import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { chosenVenues, feedVenues } from '../../../bin/stage/venues.ts'
import { eventually } from '../../support/eventually.ts'
import { openStage, tradesOn } from '../../feed/venues/running-feed.ts'

afterEach(() => vi.unstubAllEnvs())

describe('the venues of a command', () => {
  it.each([
    [
      ['alpaca-iex'],
      'alpaca-iex: it wants keys; set APCA_API_KEY_ID and APCA_API_SECRET_KEY in the environment',
    ],
    [['massive-stocks'], 'massive-stocks: it wants keys; set MASSIVE_API_KEY or POLYGON_API_KEY'],
    [['kraken='], 'kraken= has a symbol without a name; give it as kraken=SYMBOL,SYMBOL'],
    [['kraken', 'kraken=BTC/USD'], '--venue kraken is given twice'],
  ])('%j are refused before anything is started', (venue, said) => {
    for (const name of ['APCA_API_KEY_ID', 'APCA_API_SECRET_KEY', 'MASSIVE_API_KEY', 'POLYGON_API_KEY'])
      vi.stubEnv(name, '')
    expect(() => chosenVenues({ venue, symbols: 70 })).toThrow(said)
  })

  it('go on when one of them refuses the keys, and end when it is the last', async () => {
    vi.stubEnv('APCA_API_KEY_ID', 'no-key-of-anybody')
    vi.stubEnv('APCA_API_SECRET_KEY', 'no-secret-of-anybody')
    const [stocks, crypto] = [await openStage('alpaca-iex'), await openStage('kraken')]
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-venues-'))
    onTestFinished(async () => {
      await Promise.all([stocks.simulator.stop(), crypto.simulator.stop()])
      rmSync(folder, { recursive: true })
    })
    const printed: string[] = []
    const stopped = new AbortController()
    const target = {
      kinesis: crypto.stream.kinesis,
      stream: crypto.stream.stream,
      folder,
      signal: stopped.signal,
      print: (text: string) => printed.push(text),
    }
    const feeding = feedVenues([stocks, crypto], target)
    const [symbol = ''] = crypto.symbols
    await eventually('the refusal', () => printed.some((text) => text.includes('the other venues go on')))
    await eventually('a subscription', () => crypto.simulator.subscribed.has(symbol))
    crypto.simulator.trade(symbol)
    await eventually('the trade', () => tradesOn(crypto.stream).length === 1)
    stopped.abort()
    expect(await feeding).toHaveLength(1)
    await expect(feedVenues([stocks], { ...target, signal: new AbortController().signal })).rejects.toThrow(
      'alpaca-iex: it refuses: 402 auth failed; check APCA_API_KEY_ID and APCA_API_SECRET_KEY',
    )
    expect(printed.join()).not.toContain('of-anybody')
  })
})
