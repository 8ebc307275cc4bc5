import { now } from '../../state/clock.ts'
import { health, lastRecordAt, link } from '../../state/feed.ts'
import { watched } from '../../state/lists.ts'
import { zone } from '../../state/place.ts'
import { durationText } from '../../market/gap.ts'
import { timeText } from '../../values/format-time.ts'

/** No record for so long, while the data is healthy, is not normal: there is a bar each minute. */
const SILENT_MS = 150_000

/** What a reader must know before trusting a number on the page. */
export function Banners() {
  const shown = [linkText(), dataText(), silenceText()].filter((text) => text !== undefined)
  return (
    <div class="banners" role="alert">
      {shown.map((text) => (
        <p key={text.slice(0, 20)} class="banner">
          {text}
        </p>
      ))}
    </div>
  )
}

function linkText(): string | undefined {
  const state = link.value
  if (state.type !== 'lost') return undefined
  const since = timeText(state.since / 1000, zone.value, 'seconds')
  const wait = state.retryAt - now.value
  const next = wait > 500 ? `next attempt in ${durationText(wait)}` : 'connecting'
  return `Connection lost since ${since}: nothing on this page is live (${state.reason}; ${next}).`
}

function dataText(): string | undefined {
  const { answer, fault, at } = health.state.value
  if (fault !== undefined && at !== undefined)
    return `The API has not answered since ${timeText(at / 1000, zone.value, 'seconds')}. ${fault}`
  if (fault !== undefined) return `The API does not answer. ${fault}`
  return answer?.status === 'unhealthy'
    ? `The data is not current: ${answer.reason ?? 'no reason given'}.`
    : undefined
}

function silenceText(): string | undefined {
  const state = link.value
  if (state.type !== 'live' || watched.value.length === 0) return undefined
  if (health.state.value.answer?.status !== 'healthy') return undefined
  const silent = now.value - Math.max(state.since, lastRecordAt.value ?? 0)
  return silent > SILENT_MS ? `Connected, but no record has arrived for ${durationText(silent)}.` : undefined
}
