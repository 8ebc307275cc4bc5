import { parseDecimal, unitsAt } from '../decimal.ts'
import { DOLLAR_DECIMALS, VOLUME_DECIMALS } from './amounts.ts'

/** What a threshold is counted in: trades, their volume, or price · volume. */
const MEASURES = ['tick', 'volume', 'dollar'] as const
export type Measure = (typeof MEASURES)[number]

/** When a bar closes. */
export type BarKind =
  /** Every so many seconds from midnight, UTC. */
  | { readonly type: 'time'; readonly seconds: number }
  /** With the trade that brings the sum to `least`, in units of the measure. */
  | { readonly type: 'sum'; readonly measure: Measure; readonly least: bigint }
  /** With the trade that brings buys less sells, or sells less buys, to `least`. */
  | { readonly type: 'imbalance'; readonly measure: Measure; readonly least: bigint }
  /** With the trade whose price is `size` away from the close of the last brick, in units of 10⁻¹⁸. */
  | { readonly type: 'renko'; readonly size: bigint }
  | { readonly type: 'heikin-ashi'; readonly of: Exclude<BarKind, { type: 'heikin-ashi' }> }

/** Why a text names no kind of bars. */
type KindFault = { readonly fault: string }

const KINDS = `seconds:1 to seconds:59, 1Min to 59Min, 1Hour to 23Hour, 1Day, tick:N, volume:V, dollar:D, imbalance:tick:N, imbalance:volume:V, imbalance:dollar:D, renko:SIZE, or heikin-ashi: before one of these`
const SPANS = {
  Min: { seconds: 60, most: 59 },
  Hour: { seconds: 3600, most: 23 },
  Day: { seconds: 86_400, most: 1 },
} as const
const MAX_BAR_SECONDS = 59
const HEIKIN_ASHI = 'heikin-ashi:'

/** Reads the name of a kind of bars: `tick:500`, `volume:10.5`, `imbalance:dollar:1000000`, `heikin-ashi:1Min`. */
export function parseBarKind(text: string): BarKind | KindFault {
  if (!text.startsWith(HEIKIN_ASHI)) return parsePlain(text)
  const of = parsePlain(text.slice(HEIKIN_ASHI.length))
  return 'fault' in of ? of : { type: 'heikin-ashi', of }
}

/** Whether bars of a kind need the sides of their trades. */
export function needsSides(kind: BarKind): boolean {
  return kind.type === 'heikin-ashi' ? needsSides(kind.of) : kind.type === 'imbalance'
}

function parsePlain(text: string): Exclude<BarKind, { type: 'heikin-ashi' }> | KindFault {
  const [, number, unit] = /^(\d{1,2})(Min|Hour|Day)$/.exec(text) ?? []
  if (unit === 'Min' || unit === 'Hour' || unit === 'Day') {
    const { seconds, most } = SPANS[unit]
    const count = Number(number)
    if (count < 1 || count > most) return faultOf(text, `n of nMin is 1 to 59, of nHour 1 to 23, of nDay 1`)
    return { type: 'time', seconds: count * seconds }
  }
  const [name = '', ...rest] = text.split(':')
  const amount = rest.join(':')
  if (name === 'seconds') return parseSeconds(text, amount)
  if (name === 'renko') {
    const size = unitsOf(amount, VOLUME_DECIMALS)
    return size === undefined ? faultOf(text, AMOUNT) : { type: 'renko', size }
  }
  if (name !== 'imbalance') return parseSum(text, { type: 'sum', measure: name, amount })
  const [measure = '', ...least] = rest
  return parseSum(text, { type: 'imbalance', measure, amount: least.join(':') })
}

const AMOUNT = 'the amount is a number above 0 with at most 15 digits before and 18 behind the point'

function parseSeconds(text: string, amount: string): Exclude<BarKind, { type: 'heikin-ashi' }> | KindFault {
  const seconds = /^\d{1,2}$/.test(amount) ? Number(amount) : 0
  if (seconds < 1 || seconds > MAX_BAR_SECONDS)
    return faultOf(text, 'seconds are a whole number from 1 to 59; longer bars are 1Min, 2Min ...')
  return { type: 'time', seconds }
}

function parseSum(
  text: string,
  given: { readonly type: 'sum' | 'imbalance'; readonly measure: string; readonly amount: string },
): Exclude<BarKind, { type: 'heikin-ashi' }> | KindFault {
  const measure = MEASURES.find((each) => each === given.measure)
  if (measure === undefined) return faultOf(text, 'no kind has that name')
  if (measure === 'tick') {
    if (!/^[1-9]\d{0,14}$/.test(given.amount)) return faultOf(text, 'trades are a whole number above 0')
    return { type: given.type, measure, least: BigInt(given.amount) }
  }
  const least = unitsOf(given.amount, measure === 'volume' ? VOLUME_DECIMALS : DOLLAR_DECIMALS)
  return least === undefined ? faultOf(text, AMOUNT) : { type: given.type, measure, least }
}

/** Undefined where a text is no decimal above 0. */
function unitsOf(text: string, scale: number): bigint | undefined {
  const decimal = parseDecimal(text)
  if (typeof decimal === 'string') return undefined
  const units = BigInt(unitsAt(decimal, scale))
  return units > 0n ? units : undefined
}

function faultOf(text: string, reason: string): KindFault {
  return { fault: `${JSON.stringify(text)} is no kind of bars: ${reason}. Give ${KINDS}` }
}
