import { place } from '../../state/place.ts'
import { actions } from '../../state/system.ts'
import { timeText } from '../../values/format-time.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'

/** Who changed what, and when. */
export function Actions() {
  const polled = actions.state.value
  const items = polled.answer?.items ?? []
  return (
    <Panel title="Record of actions" polled={polled}>
      {polled.answer !== undefined && items.length === 0 && <p class="empty">Nothing was changed here.</p>}
      {items.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="List of actions">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ at, who, what }) => (
                <tr key={`${at} ${what}`}>
                  <td>{timeText(at / 1000, place.value.zone, 'dateTime')}</td>
                  <td>{visibleText(who)}</td>
                  <td class="wide">{visibleText(what)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}
