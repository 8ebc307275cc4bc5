import { invalid } from '../errors.ts'
import type { Operand } from '../expressions/condition.ts'
import { readCondition } from '../expressions/parse-condition.ts'
import { readSet } from '../expressions/parse-update.ts'
import { type Path, refuseOverlaps } from '../expressions/path.ts'
import { type Tokens, tokenize } from '../expressions/tokens.ts'
import type { UpdateAction } from '../expressions/update.ts'
import { type AttributeValue, type Item, itemOf } from '../values/attribute-value.ts'
import { checkedValue } from '../values/checked-value.ts'
import type { Statement } from './statement.ts'

const WHAT = 'Statement'

/** A statement that is being read, and the parameters that its `?` stand for. */
type Source = { readonly tokens: Tokens; readonly parameter: () => AttributeValue }

/** Reads one statement: INSERT, UPDATE, DELETE or SELECT. */
export function parseStatement(text: string, parameters: readonly AttributeValue[] = []): Statement {
  const tokens = tokenize(text, WHAT)
  let taken = 0
  const source: Source = {
    tokens,
    parameter: () => {
      const value = parameters[taken++]
      if (value) return value
      throw mismatched()
    },
  }
  const statement = readStatement(source)
  tokens.take(';')
  if (tokens.peek().type !== 'end') throw tokens.unexpected()
  if (taken !== parameters.length) throw mismatched()
  return statement
}

function readStatement(source: Source): Statement {
  const { tokens } = source
  if (tokens.take('INSERT')) return readInsert(source)
  if (tokens.take('UPDATE')) return readUpdate(source)
  if (tokens.take('DELETE')) {
    tokens.expect('FROM')
    const table = nameOf(source)
    return { kind: 'delete', table, where: readWhere(source) }
  }
  if (tokens.take('SELECT')) {
    const paths = tokens.take('*') ? undefined : readList(source, () => pathOf(source))
    tokens.expect('FROM')
    const table = nameOf(source)
    return { kind: 'select', table, paths, where: readWhere(source) }
  }
  throw tokens.unexpected()
}

function readInsert(source: Source): Statement {
  const { tokens } = source
  tokens.expect('INTO')
  const table = nameOf(source)
  tokens.expect('VALUE')
  const value = readValue(source)
  if (value && 'M' in value) return { kind: 'insert', table, item: value.M }
  throw tokens.unexpected()
}

function readUpdate(source: Source): Statement {
  const { tokens } = source
  const table = nameOf(source)
  const actions: UpdateAction[] = []
  for (;;) {
    // Both `SET a=1 SET b=2` and `SET a=1, b=2`.
    if (tokens.take('SET')) actions.push(...readList(source, () => readSet(updateSource(source))))
    else if (tokens.take('REMOVE'))
      actions.push(...readList(source, (): UpdateAction => ({ kind: 'REMOVE', path: pathOf(source) })))
    else break
  }
  if (actions.length === 0) throw tokens.unexpected()
  refuseOverlaps(
    actions.map(({ path }) => path),
    WHAT,
  )
  return { kind: 'update', table, actions, where: readWhere(source) }
}

function readList<Each>({ tokens }: Source, read: () => Each): readonly Each[] {
  const list = [read()]
  while (tokens.take(',')) list.push(read())
  return list
}

function readWhere(source: Source) {
  const { tokens } = source
  tokens.expect('WHERE')
  const operand = (): Operand => {
    const value = readValue(source)
    return value ? { kind: 'value', value } : { kind: 'path', path: pathOf(source) }
  }
  return readCondition({ tokens, what: WHAT, operand })
}

function updateSource(source: Source) {
  const { tokens } = source
  return { tokens, what: WHAT, path: () => pathOf(source), value: () => readValue(source) }
}

/** A name as it is, or in double quotes. */
function nameOf({ tokens }: Source): string {
  const { type, text } = tokens.peek()
  if (type !== 'quoted' && type !== 'word') throw tokens.unexpected()
  tokens.next()
  return text
}

function pathOf(source: Source): Path {
  const { tokens } = source
  const path: [string, ...(string | number)[]] = [nameOf(source)]
  for (;;) {
    if (tokens.take('.')) path.push(nameOf(source))
    else if (tokens.take('[')) {
      const { type, text } = tokens.next()
      if (type !== 'number' || !/^\d+$/.test(text)) throw tokens.unexpected()
      path.push(Number(text))
      tokens.expect(']')
    } else return path
  }
}

/** A parameter or a literal; undefined where something else comes. */
function readValue(source: Source): AttributeValue | undefined {
  const { tokens, parameter } = source
  if (tokens.take('?')) return parameter()
  if (tokens.take('{')) return { M: readMap(source) }
  if (tokens.take('[')) {
    if (tokens.take(']')) return { L: [] }
    const list = readList(source, () => readValue(source) ?? fail(tokens))
    tokens.expect(']')
    return { L: list }
  }
  if (tokens.take('TRUE')) return { BOOL: true }
  if (tokens.take('FALSE')) return { BOOL: false }
  if (tokens.take('NULL')) return { NULL: true }
  const isNegative = tokens.peek().text === '-' && tokens.peek(1).type === 'number'
  if (isNegative) tokens.next()
  const { type, text } = tokens.peek()
  if (type !== 'text' && type !== 'number') return undefined
  tokens.next()
  return checkedValue(type === 'text' ? { S: text } : { N: isNegative ? `-${text}` : text })
}

function readMap(source: Source): Item {
  const { tokens } = source
  if (tokens.take('}')) return {}
  const entries = readList(source, () => {
    const { type, text } = tokens.next()
    if (type !== 'text') throw tokens.unexpected()
    tokens.expect(':')
    return [text, readValue(source) ?? fail(tokens)] as const
  })
  tokens.expect('}')
  return itemOf(entries)
}

function fail(tokens: Tokens): never {
  throw tokens.unexpected()
}

function mismatched(): Error {
  return invalid("Number of parameters in request and statement don't match.")
}
