import { Annotations } from 'aws-cdk-lib'
import type { Construct } from 'constructs'

import { largestItem } from '../functions/analytics/largest-state.ts'
import { readAnalysis } from '../functions/shared/runtime/analysis-fields.ts'
import type { Config } from './config/config.ts'

/** The target size of an item of `indicator-state`, in bytes: four write units. */
const MEANT_BYTES = 4096

/** Warns at synthesis of a config whose states may exceed the target size. */
export function warnOfLargeState(scope: Construct, config: Config): void {
  const bytes = largestItem(readAnalysis(config), config.latenessSeconds)
  if (bytes <= MEANT_BYTES) return
  Annotations.of(scope).addWarningV2(
    'tickstock:state-size',
    `the state of a symbol may take ${bytes} bytes, ${Math.ceil(bytes / 1024)} write units for a bar, where up to ` +
      `${MEANT_BYTES} bytes are meant: latenessSeconds is ${config.latenessSeconds}, indicators is ` +
      `"${config.indicators}". Shorter periods, fewer indicators or patterns, or less lateness make it smaller; ` +
      'docs/state.md says what it usually takes.',
  )
}
