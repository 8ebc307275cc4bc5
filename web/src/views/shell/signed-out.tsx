import { hasEnded } from '../../state/session.ts'

/** Covers the page when nobody is signed in any longer. The address keeps the place. */
export function SignedOut() {
  if (!hasEnded.value) return null
  return (
    <div class="signed-out" role="alertdialog" aria-modal="true" aria-labelledby="signed-out-title">
      <div class="signed-out-box">
        <h2 id="signed-out-title">Signed out</h2>
        <p>
          This session has ended. Open the address that <code>npm start</code> printed; it is new after each
          start. Then load this page again: its address keeps your place.
        </p>
        <div class="buttons">
          <button type="button" class="primary" onClick={() => location.reload()}>
            Load again
          </button>
        </div>
      </div>
    </div>
  )
}
