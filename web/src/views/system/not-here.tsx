import { session } from '../../state/session.ts'
import { Panel } from '../shell/panel.tsx'

/** What a page on AWS does not show, and where it is. */
export function NotHere() {
  const stage = session.value?.stage ?? 'STAGE'
  return (
    <Panel title="Not here">
      <p>
        Figures, lag and alarms of this stage are on the dashboard <code>tickstock-{stage}</code> in
        CloudWatch. Flags and dead letters are changed with <code>npx tickstock flag --stage {stage}</code>{' '}
        and <code>npx tickstock dead-letters --stage {stage}</code>, by whoever may do so in the AWS account;
        jobs here, by operators.
      </p>
    </Panel>
  )
}
