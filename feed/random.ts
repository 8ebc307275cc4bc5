/** A source of numbers in [0, 1): the same seed gives the same numbers on every machine. */
export type Random = () => number

/** Two 32-bit words made from a text (FNV-1a, twice with different offsets). */
export function hashText(text: string): readonly [number, number] {
  let a = 0x811c9dc5
  let b = 0xc9dc5118
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193) ^ (b >>> 13)
  }
  return [a >>> 0, b >>> 0]
}

/**
 * Chris Doty-Humphrey's sfc32, seeded with four 32-bit words and mixed by twelve rounds.
 *
 * @see https://pracrand.sourceforge.net/RNG_engines.txt
 */
export function sfc32(seed: readonly [number, number, number, number]): Random {
  let [a, b, c, counter] = seed
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

/** A number of mean 0 and variance 1, nearly normal and never beyond 3.5: the sum of four uniform ones. */
export function nearlyNormal(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3)
}
