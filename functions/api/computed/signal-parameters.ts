import type { SessionName } from '../bars/bar-choices.ts'
import { barParameters, zoneParameter } from '../bars/bar-parameters.ts'
import { sessionsOf } from '../bars/sessions.ts'
import { type BarCut, timeIn } from '../bars/timeframes.ts'
import type { Sources } from '../endpoint.ts'
import { describedInZone, limitParameter, numbersParameter, pageTokenParameter } from '../http/parameters.ts'

const { timeframe, session, sort } = barParameters

/** How bars are cut that signals are of. */
export const cutParameters = {
  timeframe,
  tz: zoneParameter('From whose midnight bars are counted, and where a day in `start` or `end` begins'),
  session,
}

/** Of which bars signals are, in which order, and how many. */
export const signalParameters = {
  ...cutParameters,
  start: describedInZone('From this bar on; a day before `end` by default'),
  end: describedInZone('Up to this bar; now by default'),
  sort,
  limit: limitParameter,
  page_token: pageTokenParameter,
  numbers: numbersParameter,
}

/** Of which bars signals are. */
export type Cut = Pick<BarCut, 'timeframe'> & {
  readonly tz: string
  readonly session: SessionName
}

/** Whether signals are stored: those of minutes are, of all hours. */
export function areStored({ timeframe: { name }, session: hours }: Cut): boolean {
  return name === '1Min' && hours === 'all'
}

/**
 * How the bars of each symbol are cut.
 *
 * @throws BadRequestError naming a symbol without hours
 */
export function cutsOf(
  { timeframe: of, tz: zone, session: hours }: Cut,
  symbols: readonly string[],
  { tradingHours }: Pick<Sources, 'tradingHours'>,
): (symbol: string) => BarCut {
  const sessionOf = hours === 'all' ? undefined : sessionsOf(hours, symbols, tradingHours)
  return (symbol) => ({ timeframe: of, zone, session: sessionOf?.(symbol) })
}

/** What distinguishes the page tokens of such a request. */
export function cutQuery(given: Cut): readonly string[] {
  return areStored(given) ? [] : [given.timeframe.name, given.tz, given.session]
}

/** The times that a request asks for, Unix milliseconds. */
export function askedIn({
  tz,
  start,
  end,
  page_token,
}: {
  readonly tz: string
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly page_token?: string | undefined
}) {
  const timeOf = (text: string | undefined) => (text === undefined ? undefined : timeIn(tz, text))
  return { start: timeOf(start), end: timeOf(end), page_token }
}
