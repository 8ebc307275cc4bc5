/** A number of a bar. */
export type Value =
  | { readonly type: 'number'; readonly number: number }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'negative'; readonly of: Value }
  | {
      readonly type: 'arithmetic'
      readonly operator: Operator
      readonly left: Value
      readonly right: Value
    }

/** What holds of a bar, or does not. */
export type Test =
  | {
      readonly type: 'comparison'
      readonly relation: Relation
      readonly left: Value
      readonly right: Value
    }
  | {
      readonly type: 'crossing'
      readonly to: 'above' | 'below'
      readonly left: Value
      readonly right: Value
    }
  | { readonly type: 'pattern'; readonly name: string }
  | { readonly type: 'not'; readonly of: Test }
  | { readonly type: 'and' | 'or'; readonly left: Test; readonly right: Test }

export type Operator = '+' | '-' | '*' | '/'
export type Relation = '<' | '<=' | '>' | '>=' | '=' | '!='

/** What a name stands for. */
export type NameKind = 'value' | 'pattern'

/** A screen that cannot be read; the message says what, and at which character, counted from 1. */
export class ScreenError extends Error {
  override readonly name = 'ScreenError'

  constructor(problem: string, position: number) {
    super(`${problem} at character ${position}`)
  }
}
