import { health, link } from '../../state/feed.ts'
import { now } from '../../state/clock.ts'
import { zone } from '../../state/place.ts'
import { durationText } from '../../market/gap.ts'
import { timeText } from '../../values/format-time.ts'

/** Whether records arrive: the connection. */
export function LinkStatus() {
  const state = link.value
  if (state.type === 'connecting')
    return <Status kind="quiet" label="Connecting" title="The WebSocket is being opened" />
  if (state.type === 'lost') return <Status kind="bad" label="No connection" title={state.reason} />
  const refused = [...state.refused.keys()]
  if (refused.length > 0)
    return <Status kind="warning" label="Live in part" title={`Refused: ${refused.join(', ')}`} />
  return <Status kind="good" label="Live" title="Connected; everything is subscribed" />
}

/** Whether the data is of now: health as the API states it. */
export function DataStatus() {
  const { answer, fault } = health.state.value
  if (fault !== undefined) return <Status kind="bad" label="API not answering" title={fault} />
  if (answer === undefined)
    return <Status kind="quiet" label="Reading …" title="The state of the data is being read" />
  const newest = answer.newest_bar
  const age = newest === null ? '' : `bar of ${timeText(newest, zone.value)}`
  const detail =
    newest === null ? 'There are no bars' : `Newest bar began ${durationText(now.value - newest * 1000)} ago`
  switch (answer.status) {
    case 'healthy':
      return <Status kind="good" label={`Current, ${age}`} title={detail} />
    case 'closed':
      return <Status kind="quiet" label={`Closed hours${age === '' ? '' : `, ${age}`}`} title={detail} />
    default:
      return (
        <Status kind="bad" label={age === '' ? 'No bars' : `Stale, ${age}`} title={answer.reason ?? detail} />
      )
  }
}

type StatusProps = {
  readonly kind: 'good' | 'warning' | 'bad' | 'quiet'
  readonly label: string
  readonly title: string
}

function Status({ kind, label, title }: StatusProps) {
  return (
    <span class={`status is-${kind}`} role="status" title={title}>
      {label}
    </span>
  )
}
