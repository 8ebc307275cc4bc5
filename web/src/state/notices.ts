import { signal } from '@preact/signals'

/** Something that the page says once, and keeps in its list. */
export type Notice = {
  readonly id: number
  /** Unix milliseconds. */
  readonly at: number
  readonly level: 'info' | 'warning' | 'error'
  readonly text: string
}

const MOST_KEPT = 100
const SHOWN_MS = 12_000

/** Newest first. */
export const notices = signal<readonly Notice[]>([])
/** Ids of those that are on the screen. */
export const shownNotices = signal<ReadonlySet<number>>(new Set())

let lastId = 0

export function notify(level: Notice['level'], text: string): void {
  const [newest] = notices.value
  if (newest?.text === text && shownNotices.value.has(newest.id)) return
  const id = ++lastId
  notices.value = [{ id, at: Date.now(), level, text }, ...notices.value].slice(0, MOST_KEPT)
  shownNotices.value = new Set([...shownNotices.value, id])
  if (level !== 'error') setTimeout(() => hideNotice(id), SHOWN_MS)
}

export function hideNotice(id: number): void {
  shownNotices.value = new Set([...shownNotices.value].filter((shown) => shown !== id))
}
