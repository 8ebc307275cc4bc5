import { NumberText, parseExactJson } from '../../functions/shared/streams/exact-json.ts'
import type { TakerSide } from '../tick.ts'
import { BadFrameError } from './venue.ts'

/** Characters of a frame that an error shows. */
const SHOWN = 120

/** What a frame or answer holds: JSON whose numbers are `NumberText`. */
export function parseFrame(frame: string): unknown {
  try {
    return parseExactJson(frame)
  } catch {
    throw new BadFrameError(`not JSON: ${frame.slice(0, SHOWN)}`)
  }
}

/** A member of a JSON object; undefined where there is none. */
export function member(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}

/** The text of a string or number. */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  if (value instanceof NumberText) return value.text
  throw new BadFrameError(`${what} is ${shown(value)}, not a string or number`)
}

/**
 * Who took the liquidity, by how a venue spells it. What it spells otherwise, or does not say, is not known: the trade is one
 * all the same.
 */
export function sided(
  given: unknown,
  takers: Readonly<Record<string, TakerSide>>,
): { readonly side?: TakerSide } {
  const text = given instanceof NumberText ? given.text : String(given)
  const side = Object.entries(takers).find(([spelled]) => spelled === text)?.[1]
  return side === undefined ? {} : { side }
}

/** A whole number that is an id. */
export function idOf(value: unknown, what = 'the id'): number {
  const id = Number(textOf(value, what))
  if (!Number.isSafeInteger(id) || id < 0)
    throw new BadFrameError(`${what} is ${shown(value)}, not a whole number`)
  return id
}

/** The elements of an array. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new BadFrameError(`${what} is ${shown(value)}, not a list`)
}

/** Unix seconds of a time in ISO 8601 and UTC, with all digits of its fraction. */
export function secondsOfIso(value: unknown): string {
  const text = textOf(value, 'the time')
  const [, whole, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?Z$/.exec(text) ?? []
  const milliseconds = whole === undefined ? Number.NaN : Date.parse(`${whole}Z`)
  if (Number.isNaN(milliseconds))
    throw new BadFrameError(`the time is ${shown(value)}, not one such as 2026-01-31T12:00:00.5Z`)
  return fraction === '' ? String(milliseconds / 1000) : `${milliseconds / 1000}.${fraction}`
}

/** Unix seconds of Unix milliseconds. */
export function secondsOfMilliseconds(value: unknown): string {
  const text = textOf(value, 'the time')
  if (!/^\d{4,16}$/.test(text)) throw new BadFrameError(`the time is ${shown(value)}, not Unix milliseconds`)
  return `${text.slice(0, -3)}.${text.slice(-3)}`
}

function shown(value: unknown): string {
  return (value instanceof NumberText ? value.text : (JSON.stringify(value) ?? 'nothing')).slice(0, SHOWN)
}
