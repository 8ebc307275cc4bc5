/** Of which hours bars are made. */
export const SESSIONS = ['regular', 'extended', 'all'] as const
export type SessionName = (typeof SESSIONS)[number]

/** What stands where a symbol has no bar. */
export const FILLS = ['none', 'previous', 'zero'] as const
export type FillName = (typeof FILLS)[number]
