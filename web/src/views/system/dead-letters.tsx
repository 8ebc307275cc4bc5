import type { DeadLetter } from '../../api/system-schemas.ts'
import { place } from '../../state/place.ts'
import { question } from '../../state/dialogs.ts'
import { deadLetters, settleDeadLetter } from '../../state/system.ts'
import { timeText } from '../../values/format-time.ts'
import { amountText } from '../../values/price-text.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'
import { isOperator } from './role.ts'

/** What could not be processed, and why. */
export function DeadLetters() {
  const polled = deadLetters.state.value
  const { items, more } = polled.answer ?? { items: [], more: false }
  const note = polled.answer === undefined ? 'reading …' : `${items.length}${more ? ', and more' : ''}`
  return (
    <Panel title="Dead letters" note={note} polled={polled} class="dead-letters">
      {polled.answer !== undefined && items.length === 0 && (
        <p class="empty">None: everything was processed.</p>
      )}
      <div class="letters" tabIndex={0} role="region" aria-label="List of dead letters">
        <ul>
          {items.map((letter) => (
            <Letter key={letter.key} letter={letter} />
          ))}
        </ul>
      </div>
    </Panel>
  )
}

function Letter({ letter }: { readonly letter: DeadLetter }) {
  const { at, stream, symbol, reason, detail, records, text } = letter
  return (
    <li class="letter">
      <div class="letter-head">
        <span class="tag is-bad">{visibleText(reason)}</span>
        {symbol !== null && (
          <strong>
            <bdi>{visibleText(symbol)}</bdi>
          </strong>
        )}
        <span class="muted">
          {timeText(at / 1000, place.value.zone, 'dateTime')}, stream {stream}, {amountText(records)}{' '}
          {records === 1 ? 'record' : 'records'}
        </span>
        <span class="letter-buttons">
          <button
            type="button"
            class="small"
            disabled={!isOperator.value}
            onClick={() => ask('redrive', letter)}
          >
            Redrive
          </button>
          <button
            type="button"
            class="small"
            disabled={!isOperator.value}
            onClick={() => ask('discard', letter)}
          >
            Discard
          </button>
        </span>
      </div>
      {detail !== null && <p class="detail">{visibleText(detail)}</p>}
      {text !== null && (
        <details>
          <summary>Payload</summary>
          <pre>{visibleText(text)}</pre>
        </details>
      )}
    </li>
  )
}

function ask(what: 'redrive' | 'discard', { key, records, reason, symbol }: DeadLetter): void {
  const which = `${amountText(records)} ${records === 1 ? 'record' : 'records'} (${visibleText(reason)}${symbol === null ? '' : `, ${visibleText(symbol)}`})`
  question.value =
    what === 'redrive'
      ? {
          title: 'Redrive a dead letter',
          text: `Put ${which} back on the stream. Each trade is put back once.`,
          action: 'Redrive',
          run: () => settleDeadLetter(what, key),
          done: `${which}: put back on the stream.`,
        }
      : {
          title: 'Discard a dead letter',
          text: `Delete ${which}. This cannot be undone.`,
          action: 'Discard',
          isDanger: true,
          run: () => settleDeadLetter(what, key),
          done: `${which}: discarded.`,
        }
}
