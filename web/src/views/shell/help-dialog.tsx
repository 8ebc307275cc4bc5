import { isHelpShown } from '../../state/dialogs.ts'
import { KEYS } from '../../state/keys.ts'
import { place } from '../../state/place.ts'
import { session } from '../../state/session.ts'
import { writePlace } from '../../state/url-state.ts'
import { Modal } from './modal.tsx'

export function HelpDialog() {
  if (!isHelpShown.value) return null
  const close = (): void => {
    isHelpShown.value = false
  }
  return (
    <Modal title="Keys" onClose={close}>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        The address of the page holds symbol, timeframe, indicators and time: copy it to share what you see.
        TickStock {session.value?.version ?? ''}.
      </p>
      <p class="muted">
        Programs read the same data:{' '}
        <a href={writePlace({ ...place.value, view: 'api' })} onClick={close}>
          the API
        </a>
        .
      </p>
      <p class="muted">
        Charts:{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView
        </a>{' '}
        Lightweight Charts™, Copyright © 2025 TradingView, Inc., Apache License 2.0.
      </p>
      <div class="buttons">
        <button type="button" class="primary" onClick={close}>
          Close
        </button>
      </div>
    </Modal>
  )
}
