import { SIDES, type TakerSide } from '../../domain/side.ts'
import type { CompactBytes } from './compact-bytes.ts'

/** The sides of four trades share a byte, two bits each, those of the first the lowest. */
const PER_BYTE = 4
/** Sides by those bits; there is no fourth. */
const NUMBERS = [SIDES.unknown, SIDES.buy, SIDES.sell] as const

/** Bytes that the sides of so many trades take. */
export function sideBytes(trades: number): number {
  return Math.ceil(trades / PER_BYTE)
}

export function writeSides(writer: CompactBytes, sides: readonly (TakerSide | undefined)[]): void {
  for (let from = 0; from < sides.length; from += PER_BYTE) {
    let byte = 0
    for (const [place, side] of sides.slice(from, from + PER_BYTE).entries())
      byte |= NUMBERS.indexOf(SIDES[side ?? 'unknown']) << (2 * place)
    writer.byte(byte)
  }
}

/** The sides of so many trades as numbers of `SIDES`, or what is wrong with them. */
export function readSides(bytes: Uint8Array, trades: number): Int8Array | string {
  const sides = new Int8Array(trades)
  for (let at = 0; at < trades; at++) {
    const bits = ((bytes[at >> 2] ?? 0) >> (2 * (at & 3))) & 3
    const side = NUMBERS[bits]
    if (side === undefined) return `a trade has the side ${bits}; 0 to 2 may be`
    sides[at] = side
  }
  const inLast = trades % PER_BYTE
  const left = inLast === 0 ? 0 : (bytes.at(-1) ?? 0) >> (2 * inLast)
  return left === 0 ? sides : 'there are more sides than trades'
}
