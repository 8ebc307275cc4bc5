import { type AttributeValue, type Item, setOf, typeOf } from './attribute-value.ts'

/** DynamoDB's limit for an item, in bytes. */
export const LARGEST_ITEM = 400 * 1024

/**
 * Bytes of an item as DynamoDB counts them, names included.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function sizeOfItem(item: Item): number {
  let bytes = 0
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + sizeOfValue(value)
  return bytes
}

const CONTAINER = 3

function sizeOfValue(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S)
  if ('N' in value) return sizeOfNumber(value.N)
  if ('B' in value) return sizeOfBytes(value.B)
  if ('L' in value) return value.L.reduce((sum, each) => sum + 1 + sizeOfValue(each), CONTAINER)
  if ('M' in value) return CONTAINER + sizeOfItem(value.M) + Object.keys(value.M).length
  const set = setOf(value)
  if (set === undefined) return 1
  const sizeOf = { S: sizeOfText, N: sizeOfNumber, B: sizeOfBytes }[set.type]
  return set.members.reduce((sum, member) => sum + sizeOf(member), 0)
}

function sizeOfText(text: string): number {
  return Buffer.byteLength(text)
}

/** Two digits a byte, and one byte more; one for a sign. */
function sizeOfNumber(text: string): number {
  const digits = text.replace(/^-?0*\.?0*|[.]/g, '')
  const significant = digits.length - trailingZeros(digits)
  return 1 + Math.ceil(significant / 2) + (text.startsWith('-') ? 1 : 0)
}

function trailingZeros(digits: string): number {
  let zeros = 0
  while (digits[digits.length - 1 - zeros] === '0') zeros++
  return zeros
}

function sizeOfBytes(base64: string): number {
  return Buffer.byteLength(base64, 'base64')
}

/** What the function `size` of an expression gives; undefined where it has no meaning. */
export function sizeInExpression(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length
  if ('B' in value) return sizeOfBytes(value.B)
  if ('L' in value) return value.L.length
  if ('M' in value) return Object.keys(value.M).length
  return typeOf(value).length === 2 ? setOf(value)?.members.length : undefined
}
