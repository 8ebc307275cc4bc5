/** How a line of an indicator is drawn. */
type Line = { readonly name: string; readonly label: string; readonly style: 'line' | 'histogram' }

/** Indicators that are chosen together: the lines of one `macd(f,s,g)`. */
export type IndicatorGroup = {
  /** The name of its first line, which also stands in addresses. */
  readonly id: string
  readonly label: string
  /** Over the candles, or in a pane of its own. */
  readonly place: 'price' | 'pane'
  readonly lines: readonly Line[]
}

type Kind = {
  readonly place: IndicatorGroup['place']
  readonly title: string
  readonly lines: readonly string[]
}

/** By the word that a name begins with. What is not here, such as an indicator of your own, gets a pane. */
const KINDS: Readonly<Record<string, Kind>> = {
  sma: { place: 'price', title: 'SMA', lines: ['sma'] },
  ema: { place: 'price', title: 'EMA', lines: ['ema'] },
  bollinger: {
    place: 'price',
    title: 'Bollinger',
    lines: ['bollinger_upper', 'bollinger_middle', 'bollinger_lower'],
  },
  vwap: { place: 'price', title: 'VWAP', lines: ['vwap'] },
  rsi: { place: 'pane', title: 'RSI', lines: ['rsi'] },
  macd: { place: 'pane', title: 'MACD', lines: ['macd', 'macd_signal', 'macd_histogram'] },
  atr: { place: 'pane', title: 'ATR', lines: ['atr'] },
  adx: { place: 'pane', title: 'ADX', lines: ['adx', 'plus_di', 'minus_di'] },
  stochastic: { place: 'pane', title: 'Stochastic', lines: ['stochastic_k', 'stochastic_d'] },
  obv: { place: 'pane', title: 'OBV', lines: ['obv'] },
}

const LINES = Object.entries(KINDS)
  .flatMap(([word, kind]) => kind.lines.map((line) => ({ word, kind, line })))
  // `macd_signal` before `macd`.
  .toSorted((a, b) => b.line.length - a.line.length)

/** The indicators of an API, from the names of their values. */
export function groupIndicators(names: readonly string[]): IndicatorGroup[] {
  const groups = new Map<string, IndicatorGroup>()
  for (const name of names) {
    const { id, group, line } = placeOf(name)
    const known = groups.get(id) ?? { ...group, id, lines: [] }
    groups.set(id, { ...known, lines: [...known.lines, line] })
  }
  return [...groups.values()].map(ordered).toSorted(byKind)
}

function placeOf(name: string) {
  const found = LINES.find(({ line }) => name === line || parametersOf(name, line) !== undefined)
  if (found === undefined)
    return {
      id: name,
      group: { label: name, place: 'pane' as const },
      line: { name, label: name, style: 'line' as const },
    }
  const parameters = parametersOf(name, found.line) ?? ''
  const numbers = parameters.split('_').filter(Boolean).join(', ')
  const style: Line['style'] = found.line.endsWith('histogram') ? 'histogram' : 'line'
  return {
    id: parameters === '' ? found.word : `${found.word}_${parameters}`,
    group: {
      label: numbers === '' ? found.kind.title : `${found.kind.title} ${numbers}`,
      place: found.kind.place,
    },
    line: { name, label: lineLabel(found), style },
  }
}

/** `12_26_9` of `macd_signal_12_26_9`; undefined where other words follow. */
function parametersOf(name: string, line: string): string | undefined {
  if (!name.startsWith(`${line}_`)) return undefined
  const rest = name.slice(line.length + 1)
  return /^[\d_.]+$/.test(rest) ? rest : undefined
}

function lineLabel({ word, line }: { readonly word: string; readonly line: string }): string {
  return line === word ? word.toUpperCase() : line.replace(`${word}_`, '').replaceAll('_', ' ')
}

/** The lines as the table above has them. */
function ordered(group: IndicatorGroup): IndicatorGroup {
  const order = Object.values(KINDS).flatMap(({ lines }) => lines)
  const rank = (name: string): number => order.findIndex((line) => parametersOf(name, line) !== undefined)
  return { ...group, lines: group.lines.toSorted((a, b) => rank(a.name) - rank(b.name)) }
}

const WORDS = Object.keys(KINDS)

function byKind(a: IndicatorGroup, b: IndicatorGroup): number {
  const rank = ({ id }: IndicatorGroup): number => {
    const index = WORDS.indexOf(id.split('_')[0] ?? '')
    return index < 0 ? WORDS.length : index
  }
  return rank(a) - rank(b) || a.label.localeCompare(b.label, 'en', { numeric: true })
}
