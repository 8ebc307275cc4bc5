import { breadth } from '../../state/market.ts'
import { place } from '../../state/place.ts'
import { rounded } from '../../values/decimal-text.ts'
import { timeText, zoneName } from '../../values/format-time.ts'
import { Panel } from '../shell/panel.tsx'

const WIDTH = 100

/** How many symbols rise and fall, as counts and as a bar. */
export function Breadth() {
  const polled = breadth.state.value
  const { answer } = polled
  if (answer === undefined)
    return (
      <Panel title="Breadth" polled={polled} class="breadth">
        <p class="empty">Reading …</p>
      </Panel>
    )
  const { symbols, advancing, declining, unchanged, share_above_sma20: share, session_start: start } = answer
  const { zone } = place.value
  const note = start === null ? undefined : `day of ${timeText(start, zone, 'date')}, ${zoneName(zone)}`
  const part = (count: number): number => (symbols === 0 ? 0 : (WIDTH * count) / symbols)
  return (
    <Panel title="Breadth" note={note} polled={polled} class="breadth">
      <svg class="breadth-bar" viewBox={`0 0 ${WIDTH} 4`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="fill-up" x={0} width={part(advancing)} height={4} />
        <rect class="fill-flat" x={part(advancing)} width={part(unchanged)} height={4} />
        <rect class="fill-down" x={WIDTH - part(declining)} width={part(declining)} height={4} />
      </svg>
      <dl class="figures">
        <Figure name="rise" value={String(advancing)} kind="up" />
        <Figure name="unchanged" value={String(unchanged)} kind="flat" />
        <Figure name="fall" value={String(declining)} kind="down" />
        <Figure name="symbols" value={String(symbols)} kind="flat" />
        <Figure
          name="above the average of their last 20 minutes"
          value={share === null ? '–' : `${rounded(String(share * WIDTH), 1)} %`}
          kind="flat"
        />
      </dl>
    </Panel>
  )
}

type FigureProps = { readonly name: string; readonly value: string; readonly kind: 'up' | 'down' | 'flat' }

function Figure({ name, value, kind }: FigureProps) {
  return (
    <div>
      <dd class={`is-${kind}`}>{value}</dd>
      <dt>{name}</dt>
    </div>
  )
}
