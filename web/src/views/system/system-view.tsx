import { useEffect } from 'preact/hooks'

import { jobs } from '../../state/jobs.ts'
import { actions, deadLetters, system } from '../../state/system.ts'
import { pageConfig } from '../../state/page-config.ts'
import { Actions } from './actions.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { Figures } from './figures.tsx'
import { Flags } from './flags.tsx'
import { Jobs } from './jobs.tsx'
import { Lag } from './lag.tsx'
import { NotHere } from './not-here.tsx'
import { PageNotices } from './page-notices.tsx'
import { Quality } from './quality.tsx'
import { isOperator } from './role.ts'

/** How the pipeline does, and what an operator can do about it. */
export function SystemView() {
  if (pageConfig().signIn === 'session') return <WholeSystem />
  return (
    <div class="system">
      <NotHere />
      {isOperator.value && <PolledJobs />}
      <Quality />
      <PageNotices />
    </div>
  )
}

/** Jobs by themselves. */
function PolledJobs() {
  useEffect(() => jobs.use(), [])
  return <Jobs />
}

function WholeSystem() {
  useEffect(() => {
    const stops = [system, deadLetters, actions, jobs].map((poll) => poll.use())
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
      <Jobs />
      <Quality />
      <Actions />
      <PageNotices />
    </div>
  )
}
