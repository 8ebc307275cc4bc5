import { useEffect } from 'preact/hooks'

import { actions, deadLetters, system } from '../../state/system.ts'
import { pageConfig } from '../../state/page-config.ts'
import { Actions } from './actions.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { Figures } from './figures.tsx'
import { Flags } from './flags.tsx'
import { Lag } from './lag.tsx'
import { NotHere } from './not-here.tsx'
import { PageNotices } from './page-notices.tsx'

/** How the pipeline does, and what an operator can do about it. */
export function SystemView() {
  if (pageConfig().signIn === 'session') return <WholeSystem />
  return (
    <div class="system">
      <NotHere />
      <PageNotices />
    </div>
  )
}

function WholeSystem() {
  useEffect(() => {
    const stops = [system, deadLetters, actions].map((poll) => poll.use())
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  return (
    <div class="system">
      <Figures />
      <Lag />
      <Flags />
      <DeadLetters />
      <Actions />
      <PageNotices />
    </div>
  )
}
