import { useEffect } from 'preact/hooks'

import { messageOf } from '../../api/request.ts'
import { breadth, leaders, movers } from '../../state/market.ts'
import { notify } from '../../state/notices.ts'
import { readMarketPatterns } from '../../state/pattern-stream.ts'
import { Breadth } from './breadth.tsx'
import { Leaders } from './leaders.tsx'
import { Movers } from './movers.tsx'
import { PatternStream } from './pattern-stream.tsx'

/** What the market as a whole does. */
export function MarketView() {
  useEffect(() => {
    const stops = [movers, breadth, leaders].map((poll) => poll.use())
    readMarketPatterns().catch((error: unknown) =>
      notify('error', `Patterns cannot be read. ${messageOf(error)}`),
    )
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  return (
    <div class="market">
      <Breadth />
      <Movers side="gainers" title="Rose most" />
      <Movers side="losers" title="Fell most" />
      <Leaders />
      <PatternStream />
    </div>
  )
}
