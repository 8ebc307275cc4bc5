import type { CorporateAction } from '../../../../functions/bar-writer/corporate-actions.ts'

/** A minute of exact decimals in units of 10^-18, its notional in units of 10^-36. */
export type Minute = {
  readonly time: number
  readonly prices: { readonly o: bigint; readonly h: bigint; readonly l: bigint; readonly c: bigint }
  readonly volume: bigint
  readonly notional: bigint
}

type Rational = readonly [numerator: bigint, denominator: bigint]

const UNIT = 10n ** 18n
const times = ([a, b]: Rational, [c, d]: Rational): Rational => [a * c, b * d]
const plus = ([a, b]: Rational, [c, d]: Rational): Rational => [a * d + c * b, b * d]
const isLess = ([a, b]: Rational, [c, d]: Rational): boolean => a * d < c * b

/** A decimal as units of 10^-18. */
export function unitsOf(text: string): bigint {
  const [whole = '', part = ''] = text.split('.')
  return BigInt(whole + part.padEnd(18, '0'))
}

function rounded([numerator, denominator]: Rational, decimals: bigint): string {
  const units = (2n * numerator * 10n ** decimals + denominator) / (2n * denominator)
  const digits = String(units).padStart(Number(decimals) + 1, '0')
  return `${digits.slice(0, -Number(decimals))}.${digits.slice(-Number(decimals))}`.replace(/\.?0+$/, '')
}

/** What prices and volumes at a time are multiplied by: each action on its own, in fractions that are never rounded. */
function factorsAt(
  time: number,
  actions: readonly CorporateAction[],
  minutes: readonly Minute[],
): { readonly price: Rational; readonly volume: Rational } {
  let [price, volume]: [Rational, Rational] = [
    [1n, 1n],
    [1n, 1n],
  ]
  for (const action of actions) {
    const exDate = Date.parse(action.ex_date)
    if (time >= exDate) continue
    if (action.kind === 'split') {
      price = times(price, [BigInt(action.old_shares), BigInt(action.new_shares)])
      volume = times(volume, [BigInt(action.new_shares), BigInt(action.old_shares)])
    } else {
      const close = minutes.findLast((minute) => minute.time < exDate)?.prices.c ?? 0n
      price = times(price, [close - unitsOf(action.amount), close])
    }
  }
  return { price, volume }
}

/** Bars that begin at some times, of adjusted minutes, as the API writes them. */
export function adjustedBars(
  minutes: readonly Minute[],
  starts: readonly number[],
  actions: readonly CorporateAction[],
) {
  const byStart = Map.groupBy(minutes, ({ time }) => starts.findLast((start) => start <= time))
  return starts.map((start) => {
    const own = (byStart.get(start) ?? []).map((minute) => {
      const { price, volume } = factorsAt(minute.time, actions, minutes)
      const of = (units: bigint): Rational => times(price, [units, UNIT])
      const { o, h, l, c } = minute.prices
      return {
        o: of(o),
        h: of(h),
        l: of(l),
        c: of(c),
        v: times(volume, [minute.volume, UNIT]),
        notional: times(times(price, volume), [minute.notional, UNIT * UNIT]),
      }
    })
    const [first] = own
    const last = own.at(-1)
    if (first === undefined || last === undefined) throw new Error('a bar has no minute')
    const volume = own.map(({ v }) => v).reduce(plus)
    const notional = own.map((minute) => minute.notional).reduce(plus)
    return {
      t: `${new Date(start).toISOString().slice(0, 19)}Z`,
      o: rounded(first.o, 18n),
      h: rounded(
        own.map(({ h }) => h).reduce((one, other) => (isLess(one, other) ? other : one)),
        18n,
      ),
      l: rounded(
        own.map(({ l }) => l).reduce((one, other) => (isLess(one, other) ? one : other)),
        18n,
      ),
      c: rounded(last.c, 18n),
      v: rounded(volume, 18n),
      vw: rounded(times(notional, [volume[1], volume[0]]), 8n),
      notional: rounded(notional, 18n),
    }
  })
}
