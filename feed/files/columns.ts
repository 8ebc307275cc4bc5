import { TradeFileError } from '../errors.ts'
import type { Format, Role } from './format.ts'
import { plainName } from './table.ts'

/** What `--columns` says. */
export type ColumnsOption =
  /** Names for the columns of a file without a header, in order; `-` for one that is not used. */
  | { readonly type: 'list'; readonly names: readonly string[] }
  /** The column of each role, by its name in the header. */
  | { readonly type: 'named'; readonly names: ReadonlyMap<Role, string> }

/** Places of the columns that are used. */
export type Layout = Partial<Readonly<Record<Role, number>>>

const ROLES: readonly Role[] = [
  'symbol',
  'time',
  'price',
  'volume',
  'id',
  'line',
  'conditions',
  'tape',
  'side',
]
const ROLE_NAMES: Readonly<Record<string, Role | undefined>> = {
  ...Object.fromEntries(ROLES.map((role) => [role, role])),
  timestamp: 'time',
  size: 'volume',
}

/** Reads `symbol,time,price,volume`, or `time=ts,price=last`; throws a RangeError that says what is wrong. */
export function parseColumns(text: string): ColumnsOption {
  const parts = text.split(',').map((part) => part.trim())
  if (!parts.some((part) => part.includes('='))) {
    if (parts.every((part) => part !== '')) return { type: 'list', names: parts }
    throw new RangeError(`an empty name in ${JSON.stringify(text)}; write - for a column that is not used`)
  }
  const names = new Map<Role, string>()
  for (const part of parts) {
    const [given = '', ...name] = part.split('=')
    const role = ROLE_NAMES[given.trim().toLowerCase()]
    if (role === undefined || name.join('=').trim() === '')
      throw new RangeError(
        `${JSON.stringify(part)}; write ROLE=NAME, with one of ${ROLES.join(', ')} as ROLE`,
      )
    names.set(role, name.join('=').trim())
  }
  return { type: 'named', names }
}

/**
 * Finds the columns of each role.
 *
 * @param columns as the file spells them
 * @throws TradeFileError where a column that the user has named is not there, or several may be meant
 */
export function layoutOf(
  file: string,
  columns: readonly string[],
  {
    format,
    option,
    sides = false,
  }: {
    readonly format: Format
    readonly option: ColumnsOption | undefined
    readonly sides?: boolean | undefined
  },
): Layout {
  const names = columns.map(plainName)
  const layout: Partial<Record<Role, number>> = {}
  for (const role of ROLES) {
    if (role === 'side' && !sides) continue
    const named = option?.type === 'named' ? option.names.get(role) : undefined
    const place =
      named === undefined ? placeOf(file, { role, names, columns, format }) : columns.indexOf(named)
    if (named !== undefined && place === -1)
      throw new TradeFileError(
        'columns',
        `${file} has no column ${JSON.stringify(named)}: its columns are ${columns.join(', ')}.`,
        { file },
      )
    if (place !== undefined) layout[role] = place
  }
  return layout
}

function placeOf(
  file: string,
  {
    role,
    names,
    columns,
    format,
  }: {
    readonly role: Role
    readonly names: readonly string[]
    readonly columns: readonly string[]
    readonly format: Format
  },
): number | undefined {
  const known = format.columns[role] ?? []
  const found = known.filter((name) => names.includes(name))
  const [first, second] = found
  if (first === undefined) return undefined
  // The formats of vendors order theirs; of others, only the name that is TickStock's own is beyond doubt.
  if (format.isGeneral === true && second !== undefined && first !== known[0])
    throw new TradeFileError(
      'columns',
      `${file}: ${role} may be ${found.map((name) => JSON.stringify(columns[names.indexOf(name)])).join(' or ')}: name the column with --columns ${role}=NAME.`,
      { file },
    )
  return names.indexOf(first)
}
