import { place } from '../../state/place.ts'
import { writePlace } from '../../state/url-state.ts'

/** A symbol that leads to its chart. */
export function SymbolLink({ symbol }: { readonly symbol: string }) {
  return (
    <a href={writePlace({ ...place.value, view: 'chart', symbol })}>
      <bdi>{symbol}</bdi>
    </a>
  )
}
