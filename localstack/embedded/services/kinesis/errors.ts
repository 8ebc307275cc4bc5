/** The errors of the Kinesis API that this server answers with. */
export type KinesisErrorType =
  | 'ExpiredIteratorException'
  | 'ExpiredNextTokenException'
  | 'InternalFailure'
  | 'InvalidArgumentException'
  | 'LimitExceededException'
  | 'ProvisionedThroughputExceededException'
  | 'ResourceInUseException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'ValidationException'

/** A refusal as the Kinesis API reports it; `type` is what a client sees as the error's name. */
export class KinesisError extends Error {
  override readonly name = 'KinesisError'
  readonly type: KinesisErrorType

  constructor(type: KinesisErrorType, message: string) {
    super(message)
    this.type = type
  }
}
