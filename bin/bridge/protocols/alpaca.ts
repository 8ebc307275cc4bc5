import * as z from 'zod'

import type { Channel, Channels, Selection } from '../channels.ts'
import type { Command, Fault, FaultKind } from '../decide.ts'
import { invalid, notSymbol, type Protocol, shown } from './protocol.ts'

/** Alpaca's stream of market data; https://docs.alpaca.markets/docs/streaming-market-data */
export const ALPACA: Protocol = {
  read: readMessage,
  connected: [{ T: 'success', msg: 'connected' }],
  authenticated: [{ T: 'success', msg: 'authenticated' }],
  changed: ({ channels }) => [{ T: 'subscription', ...listed(channels), ...NOTHING }],
  fault: ({ kind, detail }: Fault) => {
    const [code, text] = ERRORS[kind]
    return [{ T: 'error', code, msg: `${text}: ${detail}` }]
  },
  update: (update, { number, time }) => {
    if (update.type === 'trade') {
      const { close, volume, time: seconds } = update.ticks
      return { T: 't', S: update.symbol, p: number(close), s: number(volume), t: time(seconds * 1000), c: [] }
    }
    const { symbol, timestamp, open, high, low, close, volume, vwap, trade_count: n } = update.bar
    return {
      T: update.type === 'bar' ? 'b' : 'u',
      S: symbol,
      o: number(open),
      h: number(high),
      l: number(low),
      c: number(close),
      v: number(volume),
      t: time(Date.parse(timestamp)),
      n,
      // Clients want it where there is none, too.
      vw: vwap === null ? null : number(vwap),
    }
  },
}

const CHANNELS = ['bars', 'updatedBars', 'trades'] as const satisfies readonly Channel[]
/** Alpaca's others, of which there is nothing here. */
const OTHERS = [
  'quotes',
  'dailyBars',
  'statuses',
  'lulds',
  'imbalances',
  'orderbooks',
  'news',
  'corrections',
  'cancelErrors',
]
const NOTHING = Object.fromEntries(OTHERS.map((name) => [name, []]))

const ERRORS: Readonly<Record<FaultKind, readonly [code: number, text: string]>> = {
  'invalid-message': [400, 'invalid syntax'],
  'not-authenticated': [401, 'not authenticated'],
  'key-refused': [402, 'auth failed'],
  'already-authenticated': [403, 'already authenticated'],
  'no-key-in-time': [404, 'auth timeout'],
  'too-many-symbols': [405, 'symbol limit exceeded'],
  'too-many-connections': [406, 'connection limit exceeded'],
  'too-slow': [407, 'slow client'],
  'no-such-channel': [410, 'invalid subscribe action for this feed'],
  unavailable: [500, 'internal error'],
}

const messageSchema = z.looseObject({ action: z.unknown() })
const authSchema = z.object({ key: z.string(), secret: z.string().min(1) })
const symbolsSchema = z.array(z.string())

function readMessage(message: unknown): Command {
  const { action, ...rest } = messageSchema.safeParse(message).data ?? {}
  if (action === 'auth') {
    const auth = authSchema.safeParse(rest).data
    return auth === undefined
      ? invalid('auth needs "key", which may be any text, and "secret", a key of TickStock')
      : { type: 'authenticate', key: auth.secret }
  }
  if (action === 'subscribe' || action === 'unsubscribe') return readSelection(action, rest)
  return invalid(
    `action is ${shown(JSON.stringify(action) ?? 'not set')}; allowed: auth, subscribe, unsubscribe`,
  )
}

function readSelection(
  action: 'subscribe' | 'unsubscribe',
  given: Readonly<Record<string, unknown>>,
): Command {
  const selection: { -readonly [Name in keyof Selection]: Selection[Name] } = {}
  for (const [name, value] of Object.entries(given)) {
    const symbols = symbolsSchema.safeParse(value).data
    if (symbols === undefined) return invalid(`${shown(name)} must be a list of symbols`)
    const channel = CHANNELS.find((each) => each === name)
    // Clients name channels without symbols, too.
    if (channel === undefined && symbols.length > 0) return noChannel(name)
    const wrong = notSymbol(symbols)
    if (wrong !== undefined) return invalid(`${name} has ${shown(JSON.stringify(wrong))}, which is no symbol`)
    if (channel !== undefined) selection[channel] = symbols
  }
  return { type: action, selection }
}

function noChannel(name: string): Command {
  return invalid(`there is no ${shown(name)}; there are ${CHANNELS.join(', ')}`, 'no-such-channel')
}

function listed(channels: Channels): Record<Channel, readonly string[]> {
  return {
    trades: [...channels.trades],
    bars: [...channels.bars],
    updatedBars: [...channels.updatedBars],
  }
}
