/** The type of a pattern, and a timeframe. */
export const NAME = /^[A-Za-z0-9_.-]{1,64}$/
