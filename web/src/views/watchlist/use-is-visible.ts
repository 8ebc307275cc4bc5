import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** Whether an element is on the screen, or nearly so. */
export function useIsVisible(element: RefObject<Element | null>): boolean {
  const isVisible = useSignal(true)
  useEffect(() => {
    if (element.current === null) return undefined
    const observer = new IntersectionObserver((entries) => {
      isVisible.value = entries.at(-1)?.isIntersecting ?? true
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [])
  return isVisible.value
}
