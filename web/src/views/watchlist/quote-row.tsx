import { useComputed } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

import { durationText } from '../../market/gap.ts'
import type { Quote } from '../../market/quote.ts'
import { slowNow } from '../../state/clock.ts'
import { place } from '../../state/place.ts'
import { quoteOf } from '../../state/quotes.ts'
import { writePlace } from '../../state/url-state.ts'
import { timeText } from '../../values/format-time.ts'
import { changeOf, priceText } from '../../values/price-text.ts'
import { Sparkline } from './sparkline.tsx'
import { useIsVisible } from './use-is-visible.ts'

/** A symbol that has traded within so long is current. */
const CURRENT_SECONDS = 180

type QuoteRowProps = {
  readonly symbol: string
  readonly isShown: boolean
  /** Whether it is among the first of the list, which the screen has room for. */
  readonly isAmongFirst: boolean
}

/** What changes with a trade is text, which goes into the page without the row being compared. */
export function QuoteRow({ symbol, isShown, isAmongFirst }: QuoteRowProps) {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (isShown) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isShown])
  const isVisible = useIsVisible(row, isAmongFirst)
  // A row that is scrolled out of sight costs nothing.
  const quote = useComputed(() => (isVisible.value ? quoteOf(symbol).value : quoteOf(symbol).peek()))
  const change = useComputed(() => changeOf(quote.value.open, quote.value.last, quote.value.digits))
  const last = useComputed(() => priceText(quote.value.last, quote.value.digits))
  const percent = useComputed(() => change.value?.percent ?? '–')
  const difference = useComputed(() => change.value?.text ?? '')
  const direction = useComputed(() => change.value?.direction ?? 'flat').value
  const spark = useComputed(() => quote.value.spark).value
  const age = useComputed(() => ageOf(quote.value)).value
  return (
    <tr
      ref={row}
      class={`quote ${isShown ? 'is-shown' : ''} ${age === undefined ? '' : 'is-old'}`}
      title={age?.title}
    >
      <th scope="row">
        <a
          href={writePlace({ ...place.value, view: 'chart', symbol })}
          aria-current={isShown ? 'true' : undefined}
        >
          <bdi>{symbol}</bdi>
        </a>
        {age !== undefined && <span class="age">{age.text} old</span>}
      </th>
      <td class="spark">
        <Sparkline points={spark} direction={direction} />
      </td>
      <td class="number last">
        <span class="value">{last}</span>
      </td>
      <td class={`number change is-${direction}`}>
        <span class="value">{percent}</span>
        <span class="value difference">{difference}</span>
      </td>
    </tr>
  )
}

/** How old the last trade is; undefined while it is current. */
function ageOf({ last, lastAt }: Quote): { readonly text: string; readonly title: string } | undefined {
  const age = slowNow.value / 1000 - lastAt
  if (last === null || age <= CURRENT_SECONDS) return undefined
  const duration = durationText(age * 1000)
  return {
    text: duration.split(' ').slice(0, 2).join(' '),
    title: `Last trade ${duration} ago, at ${timeText(lastAt, place.value.zone, 'dateTime')}`,
  }
}
