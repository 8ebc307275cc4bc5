import { type Zone, ZONES } from '../market/timeframes.ts'

/** The views of the page. */
export const VIEWS = ['chart', 'watchlist', 'market', 'system', 'api'] as const

export type View = (typeof VIEWS)[number]

/** What an address holds, so that it can be shared. */
export type Place = {
  readonly view: View
  readonly symbol: string | null
  readonly timeframe: string
  /** Whose days, and whose clock. */
  readonly zone: Zone
  /** Ids of the chosen indicators. */
  readonly indicators: readonly string[]
  /** The chart as it was known then, ISO 8601; null: as it is known now. */
  readonly asof: string | null
  /** The request that the view of the API shows, such as `get /v1/bars`; null: the first. */
  readonly operation: string | null
}

export const START: Place = {
  view: 'chart',
  symbol: null,
  timeframe: '1Min',
  zone: 'UTC',
  indicators: [],
  asof: null,
  operation: null,
}

/** What an address says, and what in it is wrong. */
export type ReadPlace = { readonly place: Place; readonly faults: readonly string[] }

const TIMEFRAME = /^\w{1,20}$/
const INDICATOR = /^[\w.-]{1,64}$/
const MOST_INDICATORS = 20
const MOST_SYMBOL = 64
const OPERATION = /^[a-z]{1,10} \/[\w/{}.-]{1,100}$/

/**
 * Reads the part of an address behind `#`: `/chart?symbol=AAPL&timeframe=5Min&indicators=sma_20,rsi_14`. What cannot be
 * used is left out and named.
 */
export function readPlace(hash: string): ReadPlace {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  const parameters = new URLSearchParams(query)
  const faults: string[] = []
  const taken = <Value>(name: string, parse: (text: string) => Value | undefined, fallback: Value): Value => {
    const text = parameters.get(name)
    if (text === null || text === '') return fallback
    const value = parse(text)
    if (value === undefined) faults.push(`${name} is "${text.slice(0, 100)}" in the address, and is left out`)
    return value ?? fallback
  }
  const name = path.replace(/^\//, '')
  const view = VIEWS.find((one) => one === name)
  if (view === undefined && name !== '') faults.push(`there is no view "${name.slice(0, 100)}"`)
  const place: Place = {
    view: view ?? START.view,
    symbol: taken<string | null>('symbol', (text) => (text.length <= MOST_SYMBOL ? text : undefined), null),
    timeframe: taken('timeframe', (text) => (TIMEFRAME.test(text) ? text : undefined), START.timeframe),
    zone: taken<Zone>('tz', (text) => ZONES.find((zone) => zone === text), START.zone),
    indicators: taken<readonly string[]>('indicators', indicatorsIn, []),
    asof: taken<string | null>('asof', timeIn, null),
    operation: taken<string | null>(
      'operation',
      (text) => (OPERATION.test(text) ? text : undefined),
      START.operation,
    ),
  }
  return { place, faults }
}

/** Writes the part of an address behind `#`; what is as at the start is left out. */
export function writePlace(place: Place): string {
  const { view, symbol, timeframe, zone, indicators, asof, operation } = place
  const parameters = new URLSearchParams()
  if (symbol !== null) parameters.set('symbol', symbol)
  if (timeframe !== START.timeframe) parameters.set('timeframe', timeframe)
  if (zone !== START.zone) parameters.set('tz', zone)
  if (indicators.length > 0) parameters.set('indicators', indicators.join(','))
  if (asof !== null) parameters.set('asof', asof)
  if (operation !== null && view === 'api') parameters.set('operation', operation)
  const query = parameters.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

function indicatorsIn(text: string): readonly string[] | undefined {
  const ids = [...new Set(text.split(','))]
  return ids.length <= MOST_INDICATORS && ids.every((id) => INDICATOR.test(id)) ? ids : undefined
}

function timeIn(text: string): string | undefined {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const time = isTime ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
