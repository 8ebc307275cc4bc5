import { useEffect } from 'preact/hooks'

import { view } from '../../state/place.ts'
import { followKeys } from '../../state/keys.ts'
import { ChartView } from '../chart/chart-view.tsx'
import { MarketView } from '../market/market-view.tsx'
import { SystemView } from '../system/system-view.tsx'
import { Watchlist } from '../watchlist/watchlist.tsx'
import { Banners } from './banners.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Header } from './header.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { Notices } from './notices.tsx'
import { onDemand } from './on-demand.tsx'
import { SignedOut } from './signed-out.tsx'

const ApiView = onDemand(async () => (await import('../api/api-view.tsx')).ApiView)

/** The whole page. */
export function App() {
  useEffect(() => followKeys(), [])
  return (
    <div class="app">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header />
      <Banners />
      <main id="content" class={`content shows-${view.value}`} tabIndex={-1}>
        <Shown />
      </main>
      <Notices />
      <HelpDialog />
      <ConfirmDialog />
      <SignedOut />
    </div>
  )
}

function Shown() {
  if (view.value === 'market') return <MarketView />
  if (view.value === 'system') return <SystemView />
  if (view.value === 'api') return <ApiView />
  return (
    <>
      <Watchlist />
      <ChartView />
    </>
  )
}
