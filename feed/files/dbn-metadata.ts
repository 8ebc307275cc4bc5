import { TradeFileError } from '../errors.ts'
import type { ByteReader } from './byte-reader.ts'

/** What the head of a DBN file says. */
export type DbnMetadata = {
  /** Place in {@link SCHEMAS}; undefined where the file mixes them. */
  readonly schema: number | undefined
  /** The symbol of an instrument on the day (UTC) of a time in Unix nanoseconds; undefined where the file does not say. */
  symbolOf(instrument: number, nanos: bigint): string | undefined
}

/** Databento's schemas by their number. */
export const SCHEMAS = [
  'mbo',
  'mbp-1',
  'mbp-10',
  'tbbo',
  'trades',
  'bars (ohlcv-1s)',
  'bars (ohlcv-1m)',
  'bars (ohlcv-1h)',
  'bars (ohlcv-1d)',
  'definition',
  'statistics',
  'status',
  'imbalance',
  'bars (ohlcv-eod)',
  'cmbp-1',
  'cbbo-1s',
  'cbbo-1m',
  'tcbbo',
  'bbo-1s',
  'bbo-1m',
] as const

const NEWEST = 3
const NO_SCHEMA = 0xffff
const FIXED_BYTES = 100
const INSTRUMENT_ID = 0
const LONGEST = 64 * 1024 * 1024

type Interval = { readonly symbol: string; readonly from: number; readonly until: number }

/** @throws TradeFileError */
export async function readMetadata(file: string, bytes: ByteReader): Promise<DbnMetadata> {
  const damaged = (what: string): TradeFileError =>
    new TradeFileError('damaged', `${file}: the DBN metadata ${what}: fetch it anew.`, { file })
  const prelude = await bytes.take(8)
  if (prelude === undefined) throw damaged('is cut short')
  const version = prelude.readUInt8(3)
  if (version < 1 || version > NEWEST)
    throw new TradeFileError(
      'unknown-format',
      `${file} is DBN version ${version}: versions 1 to ${NEWEST} are read; convert it with Databento's tools.`,
      { file },
    )
  const length = prelude.readUInt32LE(4)
  const head = length < FIXED_BYTES || length > LONGEST ? undefined : await bytes.take(length)
  if (head === undefined) throw damaged('is cut short')
  const schema = head.readUInt16LE(16)
  const isFirst = version === 1
  const nameBytes = isFirst ? 22 : head.readUInt16LE(45)
  const isById = head.readUInt8(isFirst ? 50 : 42) === INSTRUMENT_ID
  try {
    const intervals = readIntervals(head, nameBytes, { isById })
    return {
      schema: schema === NO_SCHEMA ? undefined : schema,
      symbolOf: (instrument, nanos) => {
        const day = dayOf(nanos)
        return intervals.get(instrument)?.find(({ from, until }) => from <= day && day < until)?.symbol
      },
    }
  } catch (error) {
    if (error instanceof RangeError) throw damaged('is cut short')
    throw error
  }
}

/** A day as the number YYYYMMDD, as the mappings have it. */
function dayOf(nanos: bigint): number {
  const date = new Date(Number(nanos / 1_000_000n))
  return (date.getUTCFullYear() * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate()
}

/** @param options.isById whether the instruments were asked for by id, so that a mapping goes from the id to the symbol */
function readIntervals(
  head: Buffer,
  nameBytes: number,
  { isById }: { readonly isById: boolean },
): ReadonlyMap<number, readonly Interval[]> {
  let at = FIXED_BYTES
  const number = (): number => {
    at += 4
    return head.readUInt32LE(at - 4)
  }
  const name = (): string => {
    if (at + nameBytes > head.length) throw new RangeError('the metadata ends within a symbol')
    at += nameBytes
    return head.toString('utf8', at - nameBytes, at).replace(/\0.*$/s, '')
  }
  // A definition of the schema, which no version has yet.
  const definitionBytes = number()
  at += definitionBytes
  // Symbols asked for, found in part, and not found.
  for (let list = 0; list < 3; list++) for (let left = number(); left > 0; left--) name()
  const found = new Map<number, Interval[]>()
  for (let mappings = number(); mappings > 0; mappings--) {
    const asked = name()
    for (let left = number(); left > 0; left--) {
      const [from, until] = [number(), number()]
      const mapped = name()
      const [instrument, symbol] = isById ? [Number(asked), mapped] : [Number(mapped), asked]
      const intervals = found.get(instrument)
      if (intervals === undefined) found.set(instrument, [{ symbol, from, until }])
      else intervals.push({ symbol, from, until })
    }
  }
  return found
}
