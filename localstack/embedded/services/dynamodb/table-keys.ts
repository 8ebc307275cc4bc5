import type { TableDefinition } from './store/table-definition.ts'

type Keyed = {
  readonly KeySchema: TableDefinition['KeySchema']
  readonly Projection?: NonNullable<TableDefinition['GlobalSecondaryIndexes']>[number]['Projection']
}

/** The keys of a table and its indexes as text, to compare and to show. */
export function tableKeys(table: TableDefinition): string {
  const typeOf = (name: string) =>
    table.AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? '?'
  const shown = (what: string, { KeySchema, Projection: projection }: Keyed): string => {
    const key = KeySchema.map(
      ({ AttributeName, KeyType }) => `${AttributeName} ${typeOf(AttributeName)} ${KeyType}`,
    )
    const { ProjectionType: type, NonKeyAttributes: attributes = [] } = projection ?? {}
    const projected = type === undefined ? '' : ` ${[type, ...attributes.toSorted()].join(' ')}`
    return `${what} (${key.join(', ')})${projected}`
  }
  const keyed = [
    shown('table', table),
    ...(table.GlobalSecondaryIndexes ?? []).map((each) => shown(`global ${each.IndexName}`, each)),
    ...(table.LocalSecondaryIndexes ?? []).map((each) => shown(`local ${each.IndexName}`, each)),
  ]
  return keyed.toSorted().join(', ')
}
