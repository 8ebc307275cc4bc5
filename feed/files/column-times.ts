import { ofRows, wordsOf } from './column-numbers.ts'
import type { ColumnValues } from './table.ts'
import type { TimeUnit } from './times.ts'

/** Unix times of a column. */
export type Times = { readonly seconds: Float64Array; readonly nanos: Float64Array }

const PER_SECOND = { s: 1, ms: 1e3, µs: 1e6, ns: 1e9 } as const
const NANOS = 1_000_000_000

/** The times of a column of 64-bit whole numbers; undefined for another. */
export function timesOf(column: ColumnValues, unit: TimeUnit): Times | undefined {
  const times = valuesOf(column, unit)
  const { places } = column
  return times && { seconds: ofRows(times.seconds, places), nanos: ofRows(times.nanos, places) }
}

function valuesOf(column: ColumnValues, unit: TimeUnit): Times | undefined {
  const { values } = column
  if (unit === 'ISO 8601' || column.scale !== undefined) return undefined
  const stored = unit === 'timestamp' ? column.unit : column.unit === undefined ? unit : undefined
  if (stored === undefined) return undefined
  const words = wordsOf(values)
  if (words === undefined) return undefined
  const seconds = new Float64Array(values.length)
  const nanos = new Float64Array(values.length)
  if (stored === 'ns') splitNanos(words, { seconds, nanos })
  else {
    const perSecond = PER_SECOND[stored]
    const nanosEach = NANOS / perSecond
    for (let index = 0; index < seconds.length; index++) {
      const value = (words[2 * index + 1] ?? 0) * 2 ** 32 + ((words[2 * index] ?? 0) >>> 0)
      const whole = Math.floor(value / perSecond)
      // Beyond that a double is not exact, and no time is plain.
      seconds[index] = Number.isSafeInteger(value) ? whole : Number.NaN
      nanos[index] = (value - whole * perSecond) * nanosEach
    }
  }
  return { seconds, nanos }
}

/** Nanoseconds of today are no exact doubles: the rest of the division is computed in the lower 32 bits. */
function splitNanos(words: Int32Array, { seconds, nanos }: Times): void {
  for (let index = 0; index < seconds.length; index++) {
    const low = words[2 * index] ?? 0
    let whole = Math.floor(((words[2 * index + 1] ?? 0) * 2 ** 32 + (low >>> 0)) / NANOS)
    let rest = (low - Math.imul(whole, NANOS)) | 0
    if (rest < 0) {
      rest += NANOS
      whole--
    } else if (rest >= NANOS) {
      rest -= NANOS
      whole++
    }
    seconds[index] = whole
    nanos[index] = rest
  }
}
