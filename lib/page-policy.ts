import { createHash } from 'node:crypto'

/** The style element that lightweight-charts 5 adds for its attribution; all else it sets through the object model. */
const ATTRIBUTION_STYLE =
  'a#tv-attr-logo{--fill:#131722;--stroke:#fff;position:absolute;left:10px;bottom:10px;height:19px;width:35px;margin:0;padding:0;border:0;z-index:3;}a#tv-attr-logo[data-dark]{--fill:#D1D4DC;--stroke:#131722;}'

/**
 * What the page of the dashboard may load: its own files and nothing else.
 *
 * @param origins of an issuer, which the page asks for tokens
 */
export function pagePolicy(origins: readonly string[] = []): string {
  return [
    "default-src 'self'",
    ...(origins.length > 0 ? [`connect-src 'self' ${origins.join(' ')}`] : []),
    `style-src 'self' 'sha256-${createHash('sha256').update(ATTRIBUTION_STYLE).digest('base64')}'`,
    "img-src 'self' data:",
    ...['object-src', 'base-uri', 'form-action', 'frame-ancestors'].map((name) => `${name} 'none'`),
  ].join('; ')
}
