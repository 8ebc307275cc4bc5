import type { Condition } from '../expressions/condition.ts'
import type { Path } from '../expressions/path.ts'
import type { UpdateAction } from '../expressions/update.ts'
import type { Item } from '../values/attribute-value.ts'

/** A statement of PartiQL as it was read, with its parameters in place. */
export type Statement =
  | { readonly kind: 'insert'; readonly table: string; readonly item: Item }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly actions: readonly UpdateAction[]
      readonly where: Condition
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: Condition }
  | {
      readonly kind: 'select'
      readonly table: string
      /** All attributes where there are none. */
      readonly paths: readonly Path[] | undefined
      readonly where: Condition
    }
