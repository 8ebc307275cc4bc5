import { chart } from '../../state/chart.ts'
import { allSymbols } from '../../state/lists.ts'
import { place } from '../../state/place.ts'
import { AsofBar } from './asof-bar.tsx'
import { Canvas } from './canvas.tsx'
import { Legend } from './legend.tsx'
import { Tables } from './tables.tsx'
import { Toolbar } from './toolbar.tsx'

/** The chart of the chosen symbol with all that belongs to it. */
export function ChartView() {
  const model = chart.value
  if (model === undefined)
    return (
      <section class="chart-view" aria-label="Chart">
        <p class="empty">
          {allSymbols.value.length === 0
            ? 'There are no bars yet. The chart appears with the first.'
            : 'Choose a symbol in the watchlist, or search for one with /.'}
        </p>
      </section>
    )
  return (
    <section class="chart-view" aria-label={`Chart of ${model.subject.symbol}`}>
      <Toolbar model={model} />
      {place.value.asof !== null && <AsofBar model={model} asof={place.value.asof} />}
      <div class="plot">
        <Legend model={model} />
        <Canvas key={JSON.stringify(model.subject)} model={model} />
        <State />
        <a class="attribution" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          Charts by TradingView
        </a>
      </div>
      <Tables model={model} />
    </section>
  )
}

function State() {
  const model = chart.value
  const status = model?.status.value
  if (model === undefined || status === undefined) return null
  if (status.type === 'loading')
    return (
      <p class="plot-state" role="status">
        Reading bars …
      </p>
    )
  if (status.type === 'failed')
    return (
      <div class="plot-state is-bad" role="alert">
        <p>The chart cannot be read. {status.message}</p>
        <button type="button" onClick={() => void model.load()}>
          Read again
        </button>
      </div>
    )
  if (model.bars.value.length > 0 || model.tail.value.length > 0)
    return model.isReadingOlder.value ? (
      <p class="plot-hint" role="status">
        Reading earlier bars …
      </p>
    ) : null
  return (
    <p class="plot-state" role="status">
      {model.subject.asof === null
        ? 'There are no bars of this symbol.'
        : 'At this time there were no bars of this symbol.'}
    </p>
  )
}
