import type { Job } from '../../api/system-schemas.ts'
import { question } from '../../state/dialogs.ts'
import { cancelJob, failedTasks, jobs, readFailures, retryJob } from '../../state/jobs.ts'
import { amountText } from '../../values/price-text.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'
import { JobForm } from './job-form.tsx'
import { isOperator } from './role.ts'

const OPEN = new Set(['queued', 'running'])
const LEFT = new Set(['failed', 'cancelled'])

/** Rebuilds of bars from the archive; an operator submits, cancels and retries them. */
export function Jobs() {
  const polled = jobs.state.value
  const items = polled.answer?.jobs ?? []
  return (
    <Panel title="Jobs" note="rebuilds of bars from the archive, and exports" polled={polled} class="jobs">
      <JobForm />
      {polled.answer !== undefined && items.length === 0 && <p class="empty">None in the last 90 days.</p>}
      {items.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="List of jobs">
          <table>
            <thead>
              <tr>
                {['Job', 'State', 'Tasks', 'Bars', 'Symbols', 'From', 'To', 'By', ''].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((job) => (
                <Row key={job.id} job={job} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function Row({ job }: { readonly job: Job }) {
  const { id, state, tasks, counts } = job
  const failed = failedTasks.value.get(id)
  return (
    <>
      <tr>
        <th scope="row">{id}</th>
        <td class={state === 'failed' ? 'is-bad' : ''}>{state}</td>
        <td>
          {amountText(tasks.done)} of {amountText(tasks.total)}
          {tasks.failed > 0 && (
            <button type="button" class="small" onClick={() => void readFailures(id)}>
              {amountText(tasks.failed)} failed
            </button>
          )}
        </td>
        <td class="number">{amountText(counts['put'] ?? counts['bars'] ?? 0)}</td>
        <td class="number">{amountText(job.symbol_count)}</td>
        <td>{minuteText(job.from)}</td>
        <td>{minuteText(job.to)}</td>
        <td class="wide">{visibleText(job.submitted_by)}</td>
        <td>
          {OPEN.has(state) && <Button name="Cancel" onClick={() => askCancel(job)} />}
          {LEFT.has(state) && <Button name="Retry" onClick={() => askRetry(job)} />}
        </td>
      </tr>
      {failed?.map(({ symbols, from, reason }) => (
        <tr key={`${from} ${symbols[0] ?? ''}`}>
          <td colSpan={9} class="wide is-bad">
            {visibleText(symbols.slice(0, 3).join(', '))}
            {symbols.length > 3 && ` and ${symbols.length - 3} more`} from {minuteText(from)}:{' '}
            {visibleText(reason)}
          </td>
        </tr>
      ))}
    </>
  )
}

function Button({ name, onClick }: { readonly name: string; readonly onClick: () => void }) {
  return (
    <button type="button" class="small" disabled={!isOperator.value} onClick={onClick}>
      {name}
    </button>
  )
}

function minuteText(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

function askCancel({ id, tasks }: Job): void {
  question.value = {
    title: 'Cancel a job',
    text: `Start no more tasks of ${id}; ${amountText(tasks.done)} of ${amountText(tasks.total)} are done. What was rebuilt stays.`,
    action: 'Cancel the job',
    isDanger: true,
    run: () => cancelJob(id),
    done: `${id}: no more of its tasks start.`,
  }
}

function askRetry({ id, tasks }: Job): void {
  const left = amountText(tasks.total - tasks.done)
  question.value = {
    title: 'Retry a job',
    text: `Run the ${left} tasks of ${id} that are not done.`,
    action: 'Retry',
    run: () => retryJob(id),
    done: `${id}: ${left} tasks run again.`,
  }
}
