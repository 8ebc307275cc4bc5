import { useEffect, useRef } from 'preact/hooks'

import { durationText } from '../../market/gap.ts'
import { now } from '../../state/clock.ts'
import { place } from '../../state/place.ts'
import { quoteOf } from '../../state/quotes.ts'
import { writePlace } from '../../state/url-state.ts'
import { timeText } from '../../values/format-time.ts'
import { changeOf, priceText } from '../../values/price-text.ts'
import { Sparkline } from './sparkline.tsx'

/** A symbol that has traded within so long is current. */
const CURRENT_SECONDS = 180
/** The age of a price is looked at so often. */
const STEP_MS = 15_000

export function QuoteRow({ symbol, isShown }: { readonly symbol: string; readonly isShown: boolean }) {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (isShown) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isShown])
  const quote = quoteOf(symbol).value
  const change = changeOf(quote.open, quote.last, quote.digits)
  const direction = change?.direction ?? 'flat'
  const age = Math.floor(now.value / STEP_MS) * (STEP_MS / 1000) - quote.lastAt
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
