import type { TestContext } from 'vitest'

import type { Endpoint, Feature } from './endpoint.ts'

/** Leaves a check out, and says so by name, where the endpoint cannot pass it. */
export function needs(feature: Feature, { name, lacks }: Endpoint, { skip }: TestContext): void {
  skip(lacks[feature] !== undefined, `not supported by ${name}: ${feature}; ${lacks[feature]}`)
}
