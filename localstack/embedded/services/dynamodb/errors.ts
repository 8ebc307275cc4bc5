import type { Item } from './values/attribute-value.ts'

/** The errors of the DynamoDB API that this server answers with. */
export type DynamodbErrorType =
  | 'ConditionalCheckFailedException'
  | 'DuplicateItemException'
  | 'IdempotentParameterMismatchException'
  | 'InternalServerError'
  | 'LimitExceededException'
  | 'ProvisionedThroughputExceededException'
  | 'ResourceInUseException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'TransactionCanceledException'
  | 'UnknownOperationException'
  | 'ValidationException'

/** What an error says beside its message. */
type Details = {
  /** The item that did not meet a condition, where the request asked for it. */
  readonly Item?: Item
  readonly CancellationReasons?: readonly CancellationReason[]
}

export type CancellationReason = { readonly Code: string; readonly Message?: string; readonly Item?: Item }

/** A refusal as the DynamoDB API reports it; `type` is what a client sees as the error's name. */
export class DynamodbError extends Error {
  override readonly name = 'DynamodbError'
  readonly type: DynamodbErrorType
  readonly details: Details

  constructor(type: DynamodbErrorType, message: string, details: Details = {}) {
    super(message)
    this.type = type
    this.details = details
  }
}

export function throttled(): DynamodbError {
  return new DynamodbError(
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  )
}

export function invalid(message: string): DynamodbError {
  return new DynamodbError('ValidationException', message)
}
