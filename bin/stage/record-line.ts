import type { WatchedRecord } from './web-socket-client.ts'

/** Members that the head of a line shows, or that it leaves out. */
const MINUTE = new Set(['type', 'symbol', 'timestamp', 'timeframe', 'revision', 'calculated_at', 'closed_at'])

/** A record as a line for people: `bar  AAPL  2025-11-10T17:24:00Z  r1  open 150.25  high ...`. */
export function recordLine(record: WatchedRecord): string {
  const { type, symbol, timestamp, revision, values, patterns, withdrawn } = record
  const head = [type.padEnd(10), symbol.padEnd(6)]
  if (timestamp !== undefined) head.push(timestamp, `r${String(revision)}`)
  if (type === 'patterns') {
    const found = list(patterns).map((each) => `${text(each, 'pattern_type')} ${text(each, 'direction')}`)
    const gone = list(withdrawn).map((name) => `withdrawn ${String(name)}`)
    return [...head, ...found, ...gone].join('  ')
  }
  const shown = type === 'indicators' ? values : record
  const fields = typeof shown === 'object' && shown !== null ? Object.entries(shown) : []
  return [
    ...head,
    ...fields.filter(([name]) => !MINUTE.has(name)).map(([name, value]) => `${name} ${String(value)}`),
  ].join('  ')
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown, key: string): string {
  return typeof value === 'object' && value !== null ? String(Reflect.get(value, key)) : ''
}
