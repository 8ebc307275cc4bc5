import * as z from 'zod'

import type { Channel } from '../channels.ts'
import type { Command, Fault, FaultKind } from '../decide.ts'
import type { Bar } from '../updates.ts'
import type { Codec } from './codec.ts'
import { invalid, notSymbol, type Protocol, shown } from './protocol.ts'

/** The names of a market: of its messages of bars, of those of trades if it has any, and of the field with the symbol. */
type Market = { readonly bars: string; readonly trades?: string; readonly symbol: 'sym' | 'pair' }

/** By the last part of the path. */
export const MARKETS = {
  stocks: { bars: 'AM', trades: 'T', symbol: 'sym' },
  crypto: { bars: 'XA', trades: 'XT', symbol: 'pair' },
  forex: { bars: 'CA', symbol: 'pair' },
} as const satisfies Readonly<Record<string, Market>>

const MINUTE_MS = 60_000

const STATUSES: Readonly<Record<FaultKind, string>> = {
  'invalid-message': 'error',
  'not-authenticated': 'error',
  'key-refused': 'auth_failed',
  'already-authenticated': 'error',
  'no-key-in-time': 'auth_timeout',
  'too-many-symbols': 'error',
  'too-many-connections': 'max_connections',
  'too-slow': 'slow_consumer',
  'no-such-channel': 'error',
  unavailable: 'force_disconnect',
}

/** The stream of a market of Massive's; https://massive.com/docs/websocket/quickstart */
export function massive(market: Market): Protocol {
  return {
    read: (message) => readMessage(message, market),
    connected: [status('connected', 'Connected Successfully')],
    authenticated: [status('auth_success', 'authenticated')],
    changed: ({ action, selection }) => {
      const word = action === 'subscribe' ? 'subscribed to' : 'unsubscribed from'
      const named = (name: string, symbols: readonly string[] = []) =>
        symbols.map((symbol) => status('success', `${word}: ${name}.${symbol}`))
      return [...named(market.bars, selection.bars), ...named(market.trades ?? '', selection.trades)]
    },
    fault: ({ kind, detail }: Fault) => [status(STATUSES[kind], detail)],
    update: (update, { number }) => {
      if (update.type !== 'trade') return barOf(update.bar, market, number)
      const { close, volume, time } = update.ticks
      return {
        ev: market.trades,
        [market.symbol]: update.symbol,
        p: number(close),
        s: number(volume),
        t: Math.floor(time * 1000),
      }
    },
  }
}

function barOf(bar: Bar, market: Market, number: Codec['number']): object {
  const start = Date.parse(bar.timestamp)
  return {
    ev: market.bars,
    [market.symbol]: bar.symbol,
    v: number(bar.volume),
    ...(bar.vwap !== null && { vw: number(bar.vwap) }),
    o: number(bar.open),
    c: number(bar.close),
    h: number(bar.high),
    l: number(bar.low),
    ...(bar.trade_count > 0 && { z: Math.round(Number(bar.volume) / bar.trade_count) }),
    s: start,
    e: start + MINUTE_MS,
  }
}

function status(name: string, message: string): object {
  return { ev: 'status', status: name, message }
}

const messageSchema = z.looseObject({ action: z.unknown(), params: z.unknown() }).partial()
const paramsSchema = z.string().min(1)

function readMessage(message: unknown, market: Market): Command {
  const { action, params: given } = messageSchema.safeParse(message).data ?? {}
  if (action !== 'auth' && action !== 'subscribe' && action !== 'unsubscribe')
    return invalid(
      `action is ${shown(JSON.stringify(action) ?? 'not set')}; allowed: auth, subscribe, unsubscribe`,
    )
  const params = paramsSchema.safeParse(given).data
  if (params === undefined)
    return invalid(
      `params of ${action} must be text: ${action === 'auth' ? 'a key' : `${market.bars}.AAPL,${market.bars}.MSFT`}`,
    )
  return action === 'auth' ? { type: 'authenticate', key: params } : readSelection(action, params, market)
}

function readSelection(action: 'subscribe' | 'unsubscribe', params: string, market: Market): Command {
  const selection: Record<Channel, string[]> = { bars: [], updatedBars: [], trades: [] }
  for (const text of params.split(',')) {
    const [, name, symbol = ''] = /^ *([A-Za-z]+)\.(.*)$/s.exec(text) ?? []
    if (name !== market.bars && (name === undefined || name !== market.trades)) return noChannel(text, market)
    if (notSymbol([symbol]) !== undefined)
      return invalid(`${shown(JSON.stringify(text))} has no symbol behind its point`)
    if (name === market.trades) selection.trades.push(symbol)
    else {
      selection.bars.push(symbol)
      // A correction comes as the bar again.
      selection.updatedBars.push(symbol)
    }
  }
  return { type: action, selection }
}

function noChannel(text: string, { bars, trades }: Market): Command {
  const there = [bars, ...(trades === undefined ? [] : [trades])].map((name) => `${name}.SYMBOL`)
  return invalid(`there is no ${shown(text)}; there are ${there.join(' and ')}`, 'no-such-channel')
}
