import { system } from '../../state/system.ts'
import { rounded } from '../../values/decimal-text.ts'
import { amountText } from '../../values/price-text.ts'
import { Panel } from '../shell/panel.tsx'

type Tile = {
  readonly name: string
  readonly value: string
  readonly about: string
  readonly isBad?: boolean
}

/** The figures of the pipeline; what is not known is a dash. */
export function Figures() {
  const polled = system.state.value
  return (
    <Panel
      title="Pipeline"
      note={polled.answer && (polled.answer.span ?? 'since the start')}
      polled={polled}
      class="figures-panel"
    >
      <dl class="tiles">
        {tiles().map(({ name, value, about, isBad }) => (
          <div key={name} class={isBad ? 'is-bad' : ''} title={about}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {polled.answer?.costSoFar && <p class="muted">{polled.answer.costSoFar.note}</p>}
    </Panel>
  )
}

function tiles(): Tile[] {
  const { answer } = system.state.value
  const { ticksPerSecond, ticksTotal, late, rejected, duplicates, missing, bars, revised, incomplete } =
    answer?.metrics ?? {}
  const latency = answer?.latency.bar
  const some = (count: number | null | undefined): boolean => (count ?? 0) > 0
  return [
    { name: 'Ticks per second', value: decimal(ticksPerSecond, 1), about: 'Trades that arrive now' },
    { name: 'Ticks', value: amountText(ticksTotal), about: 'Trades that were applied' },
    { name: 'Bars', value: amountText(bars), about: 'Bars that closed' },
    { name: 'Bar latency p50', value: inMs(latency?.p50), about: 'From what closed a bar to its row' },
    { name: 'Bar latency p99', value: inMs(latency?.p99), about: 'From what closed a bar to its row' },
    { name: 'Revised', value: amountText(revised), about: 'Bars that a late trade corrected' },
    { name: 'Late', value: amountText(late), about: 'Trades that came after their bar had closed' },
    { name: 'Duplicates', value: amountText(duplicates), about: 'Trades that came again and were left out' },
    {
      name: 'Rejected',
      value: amountText(rejected),
      about: 'Trades that were dead-lettered',
      isBad: some(rejected),
    },
    {
      name: 'Missing',
      value: amountText(missing),
      about: 'Trades of the venue that never came',
      isBad: some(missing),
    },
    {
      name: 'Incomplete bars',
      value: amountText(incomplete),
      about: 'Bars that lack trades',
      isBad: some(incomplete),
    },
    {
      name: 'Cost so far',
      value: costText(answer?.costSoFar?.usd),
      about: answer?.costSoFar?.note ?? 'Not read yet',
    },
  ]
}

function decimal(value: number | null | undefined, decimals: number): string {
  return value === null || value === undefined ? '–' : amountText(rounded(String(value), decimals))
}

function costText(dollars: number | null | undefined): string {
  return dollars === null || dollars === undefined ? 'not known' : `≈ $${decimal(dollars, 2)}`
}

function inMs(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${amountText(rounded(String(value), 0))} ms`
}
