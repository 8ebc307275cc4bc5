import { invalid } from '../errors.ts'

type Token = {
  readonly type: 'word' | 'name' | 'value' | 'number' | 'text' | 'quoted' | 'sign' | 'end'
  /** Without its quotes, where it has any. */
  readonly text: string
}

/** DynamoDB's limit for an expression or a statement, in bytes. */
const LONGEST = { expression: 4_096, statement: 8_192 }

/** Everything that a token can be, in expressions and in PartiQL. */
const TOKEN =
  /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|(<>|<=|>=|!=|[=<>()[\]{},.+\-?:*]))/y

const TYPES = ['word', 'name', 'value', 'number', 'text', 'quoted', 'sign'] as const

const END: Token = { type: 'end', text: '<EOF>' }

/** Reads an expression or a statement token by token. */
export type Tokens = {
  readonly peek: (ahead?: number) => Token
  readonly next: () => Token
  /** Takes the next token if it is this sign, or this word in any case. */
  readonly take: (text: string) => boolean
  /** Takes the next token, which must be this sign or word. */
  readonly expect: (text: string) => void
  /** An error about the next token. */
  readonly unexpected: () => Error
}

/** @param what names the expression in errors, such as `ConditionExpression` */
export function tokenize(text: string, what: string): Tokens {
  const longest = what === 'Statement' ? LONGEST.statement : LONGEST.expression
  if (text.trim() === '') throw invalid(`Invalid ${what}: The expression can not be empty;`)
  if (Buffer.byteLength(text) > longest)
    throw invalid(
      `Invalid ${what}: Expression size has exceeded the maximum allowed size; expression size: ${Buffer.byteLength(text)}`,
    )
  const tokens = knownTokens(text, what)
  let at = 0
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? END
  const matches = ({ type, text: its }: Token, wanted: string): boolean =>
    type === 'sign' ? its === wanted : type === 'word' && its.toUpperCase() === wanted
  const unexpected = (): Error => {
    const [before, here, after] = [at === 0 ? END : peek(-1), peek(), peek(1)]
    const near = [before, here, after].filter((token) => token !== END).map((token) => token.text)
    return invalid(`Invalid ${what}: Syntax error; token: "${here.text}", near: "${near.join(' ')}"`)
  }
  const take = (wanted: string): boolean => {
    if (!matches(peek(), wanted)) return false
    at++
    return true
  }
  return {
    peek,
    next: () => tokens[at++] ?? END,
    take,
    expect: (wanted) => {
      if (!take(wanted)) throw unexpected()
    },
    unexpected,
  }
}

/** Programs send few expressions again and again. */
const known = new Map<string, readonly Token[]>()
const MOST_KNOWN = 500

function knownTokens(text: string, what: string): readonly Token[] {
  const found = known.get(text)
  if (found) return found
  const tokens = tokensOf(text, what)
  if (known.size === MOST_KNOWN) known.clear()
  known.set(text, tokens)
  return tokens
}

function tokensOf(text: string, what: string): readonly Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  let at = 0
  while (at < end) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    const found = match?.findIndex((group, index) => index > 0 && group !== undefined) ?? -1
    const type = TYPES[found - 1]
    if (match === null || type === undefined)
      throw invalid(
        `Invalid ${what}: Syntax error; token: "${text.slice(at).trimStart().slice(0, 1)}", near: "${text.slice(at, at + 20).trim()}"`,
      )
    const written = match[found] ?? ''
    const plain = type === 'text' ? written.replaceAll("''", "'") : written
    tokens.push({ type, text: type === 'quoted' ? plain.replaceAll('""', '"') : plain })
    at = TOKEN.lastIndex
  }
  return tokens
}
