const MINUTE = 60
const HOUR = 3600

/** Seconds that a bar of a timeframe lasts; a day of New York may have an hour more or less. */
const LENGTHS: Readonly<Record<string, number>> = {
  '1Min': MINUTE,
  '3Min': 3 * MINUTE,
  '5Min': 5 * MINUTE,
  '10Min': 10 * MINUTE,
  '15Min': 15 * MINUTE,
  '30Min': 30 * MINUTE,
  '1Hour': HOUR,
  '2Hour': 2 * HOUR,
  '4Hour': 4 * HOUR,
  '12Hour': 12 * HOUR,
  '1Day': 24 * HOUR,
}

/** The timeframes that are offered, of all that the API has; the bounds of the last ones only the API knows. */
export const TIMEFRAMES: readonly string[] = [...Object.keys(LENGTHS), '1Week', '1Month', '3Month', '12Month']

/** Zones whose days the API knows. */
export const ZONES = ['UTC', 'America/New_York'] as const

export type Zone = (typeof ZONES)[number]

/** Seconds that a bar lasts; undefined for a timeframe whose bounds only the API knows. */
export function lengthOf(timeframe: string): number | undefined {
  return LENGTHS[timeframe]
}

/** Unix seconds of the start of the bar that a time is in; undefined where only the API knows. */
export function startOfBar(time: number, timeframe: string, zone: Zone): number | undefined {
  const length = lengthOf(timeframe)
  if (length === undefined) return undefined
  if (length <= HOUR || zone === 'UTC') return time - (time % length)
  const wall = time + offsetAt(time)
  return fromWall(wall - (wall % length))
}

/** Unix seconds of the end of a bar that begins at `start`. */
export function endOfBar(start: number, timeframe: string, zone: Zone): number | undefined {
  const length = lengthOf(timeframe)
  if (length === undefined) return undefined
  if (length <= HOUR || zone === 'UTC') return start + length
  return fromWall(start + offsetAt(start) + length)
}

/** Unix seconds of a time on the clocks of New York. */
function fromWall(wall: number): number {
  const guess = wall - offsetAt(wall)
  return wall - offsetAt(guess)
}

/** Made when it is needed first, which takes a browser longer than all else in this file. */
let offsetFormat: Intl.DateTimeFormat | undefined
/** By hour: clocks change on the hour. */
const offsets = new Map<number, number>()
const MOST_OFFSETS = 5000

/** Seconds that the clocks of New York are ahead of UTC. */
function offsetAt(time: number): number {
  const hour = Math.floor(time / HOUR)
  const known = offsets.get(hour)
  if (known !== undefined) return known
  offsetFormat ??= new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    timeZoneName: 'longOffset',
  })
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT([+-])(\d\d):(\d\d)/.exec(offsetFormat.format(hour * HOUR * 1000)) ?? []
  const offset = Number(`${sign}1`) * (Number(hours) * HOUR + Number(minutes) * MINUTE)
  if (offsets.size >= MOST_OFFSETS) offsets.clear()
  offsets.set(hour, offset)
  return offset
}
