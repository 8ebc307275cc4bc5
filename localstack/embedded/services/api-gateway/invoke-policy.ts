type Statement = {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
}

/** Whether a policy lets its caller invoke a method: one Deny outweighs every Allow. */
export function allows(
  statements: readonly Statement[],
  methodArn: string,
): 'allowed' | 'denied' | 'explicitly-denied' {
  const applying = statements.filter(
    ({ Action, Resource }) =>
      Action.some((pattern) => matches(pattern.toLowerCase(), 'execute-api:invoke')) &&
      Resource.some((pattern) => matches(pattern, methodArn)),
  )
  if (applying.some(({ Effect }) => Effect === 'Deny')) return 'explicitly-denied'
  return applying.length > 0 ? 'allowed' : 'denied'
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${expression}$`, 's').test(text)
}
