import { durationText } from '../../market/gap.ts'
import { system } from '../../state/system.ts'
import { amountText } from '../../values/price-text.ts'
import { Panel } from '../shell/panel.tsx'

/** Beyond this a part is behind. */
const BEHIND_MS = 10_000
/** The archiver gathers records for a minute before it writes them. */
const GATHERING_MS = 60_000

function isBehind(part: string, ms: number): boolean {
  return ms > BEHIND_MS + (part === 'archiver' ? GATHERING_MS : 0)
}

/** How far each part is behind its stream. */
export function Lag() {
  const polled = system.state.value
  return (
    <Panel title="Lag" note="behind the stream" polled={polled} class="lag">
      <table>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col" class="number">
              Behind
            </th>
            <th scope="col" class="number">
              Records
            </th>
          </tr>
        </thead>
        <tbody>
          {(polled.answer?.lag ?? []).map(({ part, ms, records }) => (
            <tr key={part}>
              <th scope="row">{part}</th>
              <td class={`number ${isBehind(part, ms ?? 0) ? 'is-bad' : ''}`}>
                {ms === null || ms === undefined ? '–' : durationText(ms)}
              </td>
              <td class="number">{amountText(records)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {polled.answer?.lag.length === 0 && <p class="empty">Not known.</p>}
    </Panel>
  )
}
