import { batch, type ReadonlySignal, type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

const shown = new WeakMap<Element, Signal<boolean>>()

/** One for all: each observer is asked anew with every frame. */
const observer = new IntersectionObserver((entries) =>
  batch(() => {
    for (const { target, isIntersecting } of entries) {
      const isVisible = shown.get(target)
      if (isVisible !== undefined) isVisible.value = isIntersecting
    }
  }),
)

/**
 * Whether an element is on the screen.
 *
 * @param isAtFirst whether it is, until that is known
 */
export function useIsVisible(
  element: RefObject<Element | null>,
  isAtFirst: boolean,
): ReadonlySignal<boolean> {
  const isVisible = useSignal(isAtFirst)
  useEffect(() => {
    const { current } = element
    if (current === null) return undefined
    shown.set(current, isVisible)
    observer.observe(current)
    return () => observer.unobserve(current)
  }, [])
  return isVisible
}
