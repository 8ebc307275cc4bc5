import { notices } from '../../state/notices.ts'
import { place } from '../../state/place.ts'
import { timeText } from '../../values/format-time.ts'
import { Panel } from '../shell/panel.tsx'

/** What this page has said since it was opened: gaps that it filled, and what failed. */
export function PageNotices() {
  return (
    <Panel title="This page" note="since it was opened">
      {notices.value.length === 0 && <p class="empty">No gap, no error.</p>}
      <ul class="page-notices">
        {notices.value.map(({ id, at, level, text }) => (
          <li key={id}>
            <span class="muted">{timeText(at / 1000, place.value.zone, 'seconds')}</span>{' '}
            <span class={level === 'info' ? '' : `is-${level}`}>{text}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
