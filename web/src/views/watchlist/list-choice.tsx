import { useSignal } from '@preact/signals'

import { watched, watchlists } from '../../state/lists.ts'
import { shownList, withList, withName, withoutList } from '../../state/watchlists.ts'
import { Menu } from '../shell/menu.tsx'

/** Which list is shown, and how lists are made, named and removed. */
export function ListChoice() {
  const all = watchlists.value
  return (
    <div class="lists">
      <label>
        <span class="unseen">List</span>
        <select
          value={String(all.shown)}
          onChange={({ currentTarget }) => {
            watchlists.value = { ...all, shown: Number(currentTarget.value) }
          }}
        >
          {all.lists.map(({ name, symbols }, index) => (
            <option key={name} value={String(index)}>
              {name} ({symbols.length})
            </option>
          ))}
        </select>
      </label>
      <Menu label="Lists">
        <ListForm />
      </Menu>
    </div>
  )
}

/** Lists are the reader's own, in this browser only. */
function ListForm() {
  const name = useSignal('')
  const all = watchlists.value
  const apply = (next: typeof all): void => {
    watchlists.value = next
    name.value = ''
  }
  return (
    <form
      class="list-form"
      onSubmit={(event) => {
        event.preventDefault()
        apply(withList(all, name.value))
      }}
    >
      <label>
        Name
        <input
          type="text"
          maxLength={40}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value
          }}
        />
      </label>
      <div class="buttons">
        <button type="submit">New list</button>
        <button
          type="button"
          onClick={() => apply(withList(all, name.value || `${shownList(all).name} copy`, watched.value))}
        >
          Copy list
        </button>
        <button
          type="button"
          disabled={name.value.trim() === ''}
          onClick={() => apply(withName(all, name.value))}
        >
          Rename
        </button>
        <button type="button" onClick={() => apply(withoutList(all))}>
          {all.lists.length === 1 ? 'Empty list' : 'Delete list'}
        </button>
      </div>
      <p class="muted">Lists are kept in this browser.</p>
    </form>
  )
}
