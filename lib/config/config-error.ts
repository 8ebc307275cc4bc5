/** A value in the CDK context is not allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** @param text what is wrong with the value, and what to do, without a full stop */
export function badValue(key: string, value: unknown, text: string): ConfigError {
  return new ConfigError(`bad configuration: ${key} is ${JSON.stringify(value)}: ${text}.`)
}
