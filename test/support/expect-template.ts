import type { Template } from 'aws-cdk-lib/assertions'
import { expect } from 'vitest'

/** A resource of the type has these properties, among others. */
export function expectProperties(
  template: Template,
  type: string,
  properties: Record<string, unknown>,
): void {
  expect(() => template.hasResourceProperties(type, properties)).not.toThrow()
}
