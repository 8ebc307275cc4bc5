import { useEffect, useRef } from 'preact/hooks'

import { durationText } from '../../market/gap.ts'
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

export function QuoteRow({ symbol, isShown }: { readonly symbol: string; readonly isShown: boolean }) {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (isShown) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isShown])
  const live = quoteOf(symbol)
  // A row that is scrolled out of sight costs nothing.
  const quote = useIsVisible(row) ? live.value : live.peek()
  const change = changeOf(quote.open, quote.last, quote.digits)
  const direction = change?.direction ?? 'flat'
  const age = slowNow.value / 1000 - quote.lastAt
  const isOld = quote.last !== null && age > CURRENT_SECONDS
  const title = isOld
    ? `Last trade ${durationText(age * 1000)} ago, at ${timeText(quote.lastAt, place.value.zone, 'dateTime')}`
    : undefined
  return (
    <tr ref={row} class={`quote ${isShown ? 'is-shown' : ''} ${isOld ? 'is-old' : ''}`} title={title}>
      <th scope="row">
        <a
          href={writePlace({ ...place.value, view: 'chart', symbol })}
          aria-current={isShown ? 'true' : undefined}
        >
          <bdi>{symbol}</bdi>
        </a>
        {isOld && (
          <span class="age">
            {durationText(age * 1000)
              .split(' ')
              .slice(0, 2)
              .join(' ')}{' '}
            old
          </span>
        )}
      </th>
      <td class="spark">
        <Sparkline points={quote.spark} direction={direction} />
      </td>
      <td class="number last">{priceText(quote.last, quote.digits)}</td>
      <td class={`number change is-${direction}`}>
        {change === undefined ? '–' : change.percent}
        <span class="difference">{change?.text}</span>
      </td>
    </tr>
  )
}
