import { system } from '../../state/system.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'

const STATES = { alarm: 'in alarm', unknown: 'not known', ok: 'OK' } as const

/** The alarms of a stage on AWS, those that ring first; nothing where there are none. */
export function Alarms() {
  const polled = system.state.value
  const alarms = polled.answer?.alarms ?? []
  if (alarms.length === 0) return null
  const ringing = alarms.filter(({ state }) => state !== 'ok')
  const note =
    ringing.length === 0
      ? `all ${alarms.length} OK`
      : `${alarms.length - ringing.length} of ${alarms.length} OK`
  return (
    <Panel title="Alarms" note={note} polled={polled} class="alarms">
      {ringing.length > 0 && (
        <ul class="page-notices">
          {ringing.map(({ name, state, about }) => (
            <li key={name}>
              <span class={`tag ${state === 'alarm' ? 'is-bad' : ''}`}>{STATES[state]}</span>{' '}
              <strong>{visibleText(name)}</strong> <span class="muted">{visibleText(about)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
