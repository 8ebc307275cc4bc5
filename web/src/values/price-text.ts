import { compare, grouped, minus, padded, percent, signed } from './decimal-text.ts'

/** A price with all its digits, and zeros up to those of its symbol. */
export function priceText(price: string | null | undefined, digits: number): string {
  return price === null || price === undefined ? '–' : grouped(padded(price, digits))
}

/** A count or a sum, with all its digits. */
export function amountText(amount: string | number | null | undefined): string {
  return amount === null || amount === undefined ? '–' : grouped(String(amount))
}

export type Change = {
  readonly text: string
  readonly percent: string
  readonly direction: 'up' | 'down' | 'flat'
}

/** From one price to another: the exact difference, and the percentage rounded to two decimals. */
export function changeOf(open: string | null, last: string | null, digits: number): Change | undefined {
  if (open === null || last === null) return undefined
  const difference = minus(last, open)
  const share = percent(difference, open)
  const sign = compare(difference, '0')
  return {
    text: signed(priceText(difference, digits)),
    percent: share === null ? '–' : `${signed(share)} %`,
    direction: sign > 0 ? 'up' : sign < 0 ? 'down' : 'flat',
  }
}
