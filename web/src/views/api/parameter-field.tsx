import { useId } from 'preact/hooks'

import type { Parameter } from '../../reference/description.ts'
import { resolved, valueText } from '../../reference/json-schema.ts'
import { description } from '../../state/reference.ts'
import { Prose } from './prose.tsx'

type FieldProps = {
  readonly parameter: Parameter
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A parameter: its name, what may be filled in, and what it is. */
export function ParameterField({ parameter, value, onChange }: FieldProps) {
  const id = useId()
  const { name, isRequired, description: about } = parameter
  const schema = resolved(parameter.schema, description.value?.components ?? {})
  const fallback = schema.default === undefined ? '' : valueText(schema.default)
  return (
    <div class="field">
      <label class="field-name" for={id}>
        {name}
        {isRequired && <span class="is-needed"> needed</span>}
      </label>
      {schema.enum === undefined ? (
        <input
          id={id}
          type="text"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          required={isRequired}
          aria-describedby={`${id}-about`}
          placeholder={fallback === '' ? '' : `${fallback} (default)`}
          value={value}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      ) : (
        <select
          id={id}
          aria-describedby={`${id}-about`}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          <option value="">{fallback === '' ? '' : `${fallback} (default)`}</option>
          {schema.enum.map(valueText).map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      )}
      <p id={`${id}-about`} class="field-about">
        <Prose text={about} />
        {limits(schema)}
        {typeof schema.example === 'string' && (
          <>
            ; such as <code>{schema.example}</code>
          </>
        )}
      </p>
    </div>
  )
}

function limits({
  minimum,
  maximum,
}: {
  minimum?: number | undefined
  maximum?: number | undefined
}): string {
  if (maximum !== undefined) return ` (${minimum ?? 0} to ${maximum.toLocaleString('en-US')})`
  return minimum === undefined ? '' : ` (from ${minimum})`
}
