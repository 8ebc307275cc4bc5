import type { RejectReason } from '../shared/dead-letters/rejection.ts'
import { formatExactJson } from '../shared/streams/exact-json.ts'

/** What is wrong with a record or a trade; `parseTrades` catches it. */
export class Fault extends Error {
  readonly reason: RejectReason
  readonly detail: string
  constructor(reason: RejectReason, detail: string) {
    // A record may have a hundred thousand of them, and nobody sees their stacks, which take longer than all else.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = stackTraceLimit
    this.reason = reason
    this.detail = detail
  }
}

/** What to send instead of a record of another shape. */
export const EXPECTED =
  'send {"symbol","price","volume","timestamp"} or {"symbol","source","sequence","ticks":[[timestamp,price,volume],...]}; docs/streams.md has all keys'

const MAX_SHOWN = 80

export function quote(text: string): string {
  return JSON.stringify(shorten(text))
}

export function show(value: unknown): string {
  return shorten(formatExactJson(value))
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}
