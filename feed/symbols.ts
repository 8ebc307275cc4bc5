import { InvalidOptionError } from './errors.ts'
import { hashText } from './random.ts'

/** How the synthetic source trades a symbol. */
export type SymbolProfile = {
  /** The price that the walk stays around, in dollars. */
  readonly price: number
  /** Standard deviation of the relative price change in one second, in millionths. */
  readonly volatility: number
}

/** Ticker, price in dollars and volatility, about as in 2025. */
const PROFILES: Readonly<Record<string, readonly [price: number, volatility: number]>> = {
  AAPL: [258, 95],
  MSFT: [517, 85],
  NVDA: [188, 150],
  AMZN: [222, 110],
  GOOGL: [243, 110],
  META: [715, 125],
  TSLA: [436, 200],
  AVGO: [345, 155],
  'BRK.B': [495, 60],
  JPM: [308, 85],
  LLY: [840, 120],
  V: [350, 70],
  UNH: [360, 120],
  XOM: [114, 85],
  MA: [575, 70],
  COST: [925, 75],
  JNJ: [189, 65],
  HD: [395, 80],
  PG: [151, 60],
  ABBV: [232, 85],
  NFLX: [1190, 110],
  BAC: [51, 90],
  CRM: [246, 115],
  KO: [66, 55],
  ORCL: [290, 150],
  MRK: [88, 85],
  CVX: [154, 80],
  AMD: [212, 180],
  PEP: [141, 65],
  TMO: [540, 90],
  LIN: [470, 70],
  ACN: [242, 95],
  MCD: [298, 65],
  CSCO: [68, 75],
  ABT: [134, 75],
  ADBE: [350, 110],
  WMT: [102, 75],
  DIS: [112, 85],
  WFC: [80, 90],
  QCOM: [168, 115],
  TXN: [180, 105],
  GE: [300, 100],
  INTU: [670, 100],
  VZ: [41, 65],
  CAT: [490, 105],
  AMGN: [297, 80],
  IBM: [285, 90],
  PFE: [25, 85],
  PM: [158, 75],
  NOW: [910, 125],
  GS: [790, 100],
  UNP: [235, 75],
  CMCSA: [30, 85],
  SPGI: [480, 75],
  ISRG: [440, 105],
  RTX: [168, 80],
  HON: [205, 75],
  AXP: [330, 90],
  NEE: [83, 95],
  LOW: [243, 85],
  BKNG: [5400, 95],
  T: [26, 70],
  BLK: [1160, 90],
  UBER: [97, 120],
  PLTR: [180, 210],
  MU: [185, 180],
  INTC: [37, 190],
  BA: [215, 115],
  NKE: [69, 110],
  SBUX: [80, 100],
}

/** The default symbols of a feed: 70 well-known US tickers. */
export const defaultSymbols: readonly string[] = Object.keys(PROFILES)

/** Symbols that are given by their number or their names. */
export function namesOf(symbols: number | readonly string[]): readonly string[] {
  return typeof symbols === 'number' ? symbolNames(symbols) : symbols
}

/**
 * The first `count` symbols: the default ones, then `SYM0071`, `SYM0072`, ...
 *
 * @throws InvalidOptionError
 */
export function symbolNames(count: number): string[] {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InvalidOptionError('symbols', count, 'a whole number of at least 1')
  }
  return Array.from(
    { length: count },
    (_, index) => defaultSymbols[index] ?? `SYM${String(index + 1).padStart(4, '0')}`,
  )
}

/** The profile of a default symbol, or one derived from the name of any other. */
export function profileOf(symbol: string): SymbolProfile {
  const known = Object.hasOwn(PROFILES, symbol) ? PROFILES[symbol] : undefined
  if (known !== undefined) return { price: known[0], volatility: known[1] }
  const [a, b] = hashText(symbol)
  return { price: 5 + (a % 49_500) / 100, volatility: 60 + (b % 150) }
}
