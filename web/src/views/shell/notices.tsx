import { hideNotice, notices, shownNotices } from '../../state/notices.ts'

/** What the page says once: at the foot of it, for a while; errors until they are closed. */
export function Notices() {
  const shown = notices.value.filter(({ id }) => shownNotices.value.has(id)).slice(0, 4)
  return (
    <div class="notices" role="log" aria-live="polite" aria-label="Notices">
      {shown.map(({ id, level, text }) => (
        <div key={id} class={`notice is-${level}`}>
          <span>{text}</span>
          <button type="button" class="close" aria-label="Close the notice" onClick={() => hideNotice(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  )
}
