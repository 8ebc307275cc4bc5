import { doji } from './doji.ts'
import { engulfing } from './engulfing.ts'
import { eveningStar } from './evening-star.ts'
import { hammer } from './hammer.ts'
import { hangingMan } from './hanging-man.ts'
import { harami } from './harami.ts'
import { invertedHammer } from './inverted-hammer.ts'
import { morningStar } from './morning-star.ts'
import type { Pattern } from './pattern.ts'
import { shootingStar } from './shooting-star.ts'
import { threeBlackCrows } from './three-black-crows.ts'
import { threeWhiteSoldiers } from './three-white-soldiers.ts'

/** Every pattern there is. */
export const PATTERNS: readonly Pattern[] = [
  doji,
  hammer,
  hangingMan,
  invertedHammer,
  shootingStar,
  engulfing,
  harami,
  morningStar,
  eveningStar,
  threeWhiteSoldiers,
  threeBlackCrows,
]

/** The patterns that run by default: all. */
export const DEFAULT_PATTERNS = PATTERNS.map(({ name }) => name).join(' ')
