import {
  type NameKind,
  type Operator,
  type Relation,
  ScreenError,
  type Test,
  type Value,
} from './expression.ts'
import { readWords, type Word } from './read-words.ts'

/** Parentheses, `not` and signs within each other. */
const DEEPEST = 32

const RELATIONS: ReadonlySet<string> = new Set<Relation>(['<', '<=', '>', '>=', '=', '!='])
const SUMS: ReadonlySet<string> = new Set<Operator>(['+', '-'])
const PRODUCTS: ReadonlySet<string> = new Set<Operator>(['*', '/'])
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'crosses', 'above', 'below'])

/** What a part of a screen comes to, and where it begins. */
type Part =
  | { readonly kind: 'value'; readonly value: Value; readonly position: number }
  | { readonly kind: 'test'; readonly test: Test; readonly position: number }

/**
 * Reads a screen such as `rsi_14 < 30 and (close > sma_50 or not doji)`. Loosest to tightest: `or`, `and`, `not`, one of
 * `< <= > >= = !=` or `crosses above` or `below`, `+ -`, `* /`, a sign.
 *
 * @param kindOf what a name stands for; undefined where there is none such
 * @throws ScreenError saying what is wrong where
 */
export function parseScreen(text: string, kindOf: (name: string) => NameKind | undefined): Test {
  const parser = new Parser(readWords(text), kindOf)
  return parser.whole(testOf)
}

/** Reads what to order by, such as `volume` or `close / sma_50`. @throws ScreenError saying what is wrong where */
export function parseValue(text: string, kindOf: (name: string) => NameKind | undefined): Value {
  return new Parser(readWords(text), kindOf).whole(valueOf)
}

function testOf(part: Part): Test {
  if (part.kind === 'test') return part.test
  throw new ScreenError('a comparison or a pattern is expected, and there is a number', part.position)
}

function valueOf(part: Part): Value {
  if (part.kind === 'value') return part.value
  throw new ScreenError('a number or the name of one is expected, and there is a condition', part.position)
}

class Parser {
  readonly #words: readonly Word[]
  readonly #kindOf: (name: string) => NameKind | undefined
  #at = 0
  #depth = 0

  constructor(words: readonly Word[], kindOf: (name: string) => NameKind | undefined) {
    this.#words = words
    this.#kindOf = kindOf
  }

  whole<Result>(read: (part: Part) => Result): Result {
    const result = read(this.#or())
    const { type, text, position } = this.#next
    if (type === 'end') return result
    throw new ScreenError(`the end, or what joins conditions, is expected, and there is "${text}"`, position)
  }

  get #next(): Word {
    return this.#words[this.#at] ?? { type: 'end', text: '', position: 1 }
  }

  /** Takes a keyword or sign, where it comes next. */
  #takes(text: string): boolean {
    const isNext = this.#next.type !== 'number' && this.#next.text.toLowerCase() === text
    if (isNext) this.#at++
    return isNext
  }

  #or(): Part {
    let left = this.#and()
    while (this.#takes('or')) left = joined('or', left, this.#and())
    return left
  }

  #and(): Part {
    let left = this.#not()
    while (this.#takes('and')) left = joined('and', left, this.#not())
    return left
  }

  #not(): Part {
    const { position } = this.#next
    if (!this.#takes('not')) return this.#comparison()
    return this.#within(() => ({ kind: 'test', test: { type: 'not', of: testOf(this.#not()) }, position }))
  }

  #comparison(): Part {
    const left = this.#sum()
    const { text, position } = this.#next
    if (this.#takes('crosses')) {
      const to = this.#takes('above') ? 'above' : this.#takes('below') ? 'below' : undefined
      if (to === undefined)
        throw new ScreenError('crosses is followed by above or below', this.#next.position)
      const right = valueOf(this.#sum())
      return {
        kind: 'test',
        test: { type: 'crossing', to, left: valueOf(left), right },
        position: left.position,
      }
    }
    if (!isRelation(text)) return left
    this.#at++
    const test = {
      type: 'comparison',
      relation: text,
      left: valueOf(left),
      right: valueOf(this.#sum()),
    } as const
    if (isRelation(this.#next.text))
      throw new ScreenError('two comparisons are joined by and', this.#next.position)
    return { kind: 'test', test, position: Math.min(left.position, position) }
  }

  #sum(): Part {
    return this.#chain(isSum, () => this.#chain(isProduct, () => this.#signed()))
  }

  #chain(isOne: (text: string) => text is Operator, operand: () => Part): Part {
    let left = operand()
    for (let { text } = this.#next; isOne(text); { text } = this.#next) {
      this.#at++
      const value = {
        type: 'arithmetic',
        operator: text,
        left: valueOf(left),
        right: valueOf(operand()),
      } as const
      left = { kind: 'value', value, position: left.position }
    }
    return left
  }

  #signed(): Part {
    const { position } = this.#next
    if (!this.#takes('-')) return this.#single()
    return this.#within(() => ({
      kind: 'value',
      value: { type: 'negative', of: valueOf(this.#signed()) },
      position,
    }))
  }

  #single(): Part {
    const { type, text, position } = this.#next
    if (this.#takes('(')) {
      const part = this.#within(() => this.#or())
      if (!this.#takes(')')) throw new ScreenError('a closing parenthesis is missing', this.#next.position)
      return part
    }
    if (type === 'number' || (type === 'name' && !KEYWORDS.has(text.toLowerCase()))) {
      this.#at++
      return type === 'number'
        ? { kind: 'value', value: { type: 'number', number: Number(text) }, position }
        : this.#named(text, position)
    }
    const found = type === 'end' ? 'the text ends' : `there is "${text}"`
    throw new ScreenError(`a number, a name or a parenthesis is expected, and ${found}`, position)
  }

  #named(name: string, position: number): Part {
    const kind = this.#kindOf(name)
    if (kind === 'value') return { kind, value: { type: 'name', name }, position }
    if (kind === 'pattern') return { kind: 'test', test: { type: 'pattern', name }, position }
    throw new ScreenError(`there is no "${name}"`, position)
  }

  #within(read: () => Part): Part {
    if (++this.#depth > DEEPEST)
      throw new ScreenError(
        `more than ${DEEPEST} parentheses and signs within each other`,
        this.#next.position,
      )
    const part = read()
    this.#depth--
    return part
  }
}

function joined(type: 'and' | 'or', left: Part, right: Part): Part {
  return { kind: 'test', test: { type, left: testOf(left), right: testOf(right) }, position: left.position }
}

function isRelation(text: string): text is Relation {
  return RELATIONS.has(text)
}

function isSum(text: string): text is Operator {
  return SUMS.has(text)
}

function isProduct(text: string): text is Operator {
  return PRODUCTS.has(text)
}
