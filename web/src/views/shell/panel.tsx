import type { ComponentChildren } from 'preact'

import { now } from '../../state/clock.ts'
import { place } from '../../state/place.ts'
import type { Polled } from '../../state/poll.ts'
import { timeText } from '../../values/format-time.ts'

/** An answer that is older than this is said to be. */
const OLD_MS = 60_000

type PanelProps = {
  readonly title: string
  readonly class?: string
  readonly note?: ComponentChildren
  /** What the panel shows, so that it says when that is old. */
  readonly polled?: Polled<unknown>
  readonly children: ComponentChildren
}

/** A part of a view. */
export function Panel({ title, class: name = '', note, polled, children }: PanelProps) {
  return (
    <section class={`panel ${name}`} aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        {note !== undefined && <span class="muted">{note}</span>}
        {polled && <Age polled={polled} />}
      </div>
      {children}
    </section>
  )
}

function Age({ polled: { at, fault } }: { readonly polled: Polled<unknown> }) {
  if (fault === undefined && (at === undefined || now.value - at < OLD_MS)) return null
  const since =
    at === undefined ? '' : ` What is shown is of ${timeText(at / 1000, place.value.zone, 'seconds')}.`
  return (
    <span class="tag is-bad" role="status">
      {fault ?? 'Not read for a while.'}
      {since}
    </span>
  )
}
