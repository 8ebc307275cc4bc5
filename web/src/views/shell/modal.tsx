import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

type ModalProps = {
  readonly title: string
  /** Without it, the dialog stays. */
  readonly onClose?: () => void
  readonly children: ComponentChildren
}

/** A dialog over the page. Escape closes it, and focus goes back to where it was. */
export function Modal({ title, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class="modal"
      aria-labelledby="modal-title"
      onClose={onClose}
      onCancel={(event) => {
        if (onClose === undefined) event.preventDefault()
      }}
    >
      <h2 id="modal-title">{title}</h2>
      {children}
    </dialog>
  )
}
