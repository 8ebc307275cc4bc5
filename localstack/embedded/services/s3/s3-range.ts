/** The bytes of an object that a request wants: both ends are in it. */
export type ByteRange = { readonly first: number; readonly last: number }

/**
 * What a `Range` header says of an object of so many bytes. Undefined where it says nothing that S3 heeds, as several ranges:
 * the whole object is the answer; `none` where the object has no byte of it.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '')
    return Number(last) === 0 || size === 0
      ? 'none'
      : { first: Math.max(0, size - Number(last)), last: size - 1 }
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= size) return 'none'
  return { first: Number(first), last: last === '' ? size - 1 : Math.min(size - 1, Number(last)) }
}
