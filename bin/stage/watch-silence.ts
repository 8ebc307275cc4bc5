/** Milliseconds of silence after which a WebSocket client asks whether the other side is there. */
export const QUIET_MS = 10_000

/** Tells once when nothing was heard for a time, and when nothing was for as long again. */
export function watchSilence(
  quietMs: number,
  { onQuiet, onMute }: { readonly onQuiet: () => void; readonly onMute: () => void },
): { heard(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined
  const heard = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      onQuiet()
      timer = setTimeout(onMute, quietMs)
    }, quietMs)
  }
  heard()
  return { heard, end: () => clearTimeout(timer) }
}
