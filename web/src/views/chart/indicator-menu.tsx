import type { ChartModel } from '../../state/chart-model.ts'
import { go, place } from '../../state/place.ts'
import { Menu } from '../shell/menu.tsx'

/** Which indicators are drawn: all that the API has of the symbol. */
export function IndicatorMenu({ model }: { readonly model: ChartModel }) {
  const groups = model.signals.groups.value
  const chosen = place.value.indicators
  const toggle = (id: string): void => {
    const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]
    go({ indicators: next })
  }
  const count = groups.filter(({ id }) => chosen.includes(id)).length
  return (
    <Menu label={count === 0 ? 'Indicators' : `Indicators (${count})`}>
      {!model.signals.areOfMinutes && (
        <p class="muted">Indicators are computed from 1-minute bars: choose 1m to see them.</p>
      )}
      {model.signals.areOfMinutes && groups.length === 0 && (
        <p class="muted">There are none of this symbol.</p>
      )}
      <div class="menu-columns">
        {(['price', 'pane'] as const).map((where) => (
          <fieldset key={where} class="checks">
            <legend>{where === 'price' ? 'Over the price' : 'In a pane'}</legend>
            {groups
              .filter((group) => group.place === where)
              .map(({ id, label }) => (
                <label key={id}>
                  <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} /> {label}
                </label>
              ))}
          </fieldset>
        ))}
      </div>
      {chosen.length > 0 && (
        <button type="button" onClick={() => go({ indicators: [] })}>
          None
        </button>
      )}
    </Menu>
  )
}
