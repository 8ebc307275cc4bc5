import fc from 'fast-check'

/** What readers stumble over. */
const WORDS = [
  String.raw`" \ { } [ ] , : . - + e 0 9 = & % * {} [] null true NaN -Infinity "" \u0041 \ud800`,
  '1e400 1e-400 9007199254740993 0.30000000000000004 -0 00 .5 1760106735 1760106801',
  '"symbol": "ticks": "price": "type":"cancel", "was":{} "tape":"A" "__proto__": "constructor":',
]
const OTHERS = ['\n', '\t', ' ', '\0', '\u{1f600}', '\ufeff', '\u202e', '\u001b[', '']
const LONG = ['0'.repeat(400), '9'.repeat(40), '[[1,2,3],'.repeat(20), '{"a":'.repeat(40)]
const TOKENS = [...WORDS.flatMap((words) => words.split(' ')), ...OTHERS, ...LONG]

const mutation = fc.record({
  /** Where, as shares of the length. */
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  to: fc.double({ min: 0, max: 1, noNaN: true }),
  how: fc.constantFrom('insert', 'replace', 'delete', 'double', 'move'),
  token: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...TOKENS) },
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.double().map(String),
  ),
})

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never

/** A text of the corpus with some changes; none in some, so that what is right is read as well. */
export function mutated(corpus: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(mutation, { maxLength: 6 }))
    .map(([text, mutations]) => mutations.reduce(mutate, text))
}

/** The same of bytes, which are changed as such. */
export function mutatedBytes(corpus: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return mutated(corpus.map((bytes) => Buffer.from(bytes).toString('latin1'))).map((text) =>
    Buffer.from(text, 'latin1'),
  )
}

function mutate(text: string, { from, to, how, token }: Mutation): string {
  const [start = 0, end = 0] = [from, to]
    .map((share) => Math.floor(share * text.length))
    .toSorted((a, b) => a - b)
  // Most changes are small.
  const piece = text.slice(start, Math.min(end, start + 40))
  const [before, after] = [text.slice(0, start), text.slice(start + piece.length)]
  return {
    insert: before + token + piece + after,
    replace: before + token + after,
    delete: before + after,
    double: before + piece + piece + after,
    move: before + after + piece,
  }[how]
}
