import { useEffect } from 'preact/hooks'

import { firings, rules } from '../../state/alerts.ts'
import { jobs } from '../../state/jobs.ts'
import { actions, deadLetters, system } from '../../state/system.ts'
import { Actions } from './actions.tsx'
import { Alerts, hasAlerts } from './alerts.tsx'
import { Alarms } from './alarms.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { Figures } from './figures.tsx'
import { Flags } from './flags.tsx'
import { Jobs } from './jobs.tsx'
import { Lag } from './lag.tsx'
import { PageNotices } from './page-notices.tsx'
import { Quality } from './quality.tsx'
import { isOperator } from './role.ts'

/** How the pipeline does, and what an operator can do about it. */
export function SystemView() {
  useEffect(() => {
    const stops = [system, deadLetters, actions].map((poll) => poll.use())
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  return (
    <div class="system">
      <Figures />
      <Alarms />
      <Lag />
      <Flags />
      <DeadLetters />
      {isOperator.value && <PolledJobs />}
      {isOperator.value && hasAlerts.value && <PolledAlerts />}
      <Quality />
      <Actions />
      <PageNotices />
    </div>
  )
}

/** Others than operators may not read jobs. */
function PolledJobs() {
  useEffect(() => jobs.use(), [])
  return <Jobs />
}

function PolledAlerts() {
  useEffect(() => {
    const stops = [rules.use(), firings.use()]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  return <Alerts />
}
