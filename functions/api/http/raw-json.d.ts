/** ES2026, in Node.js since 21; TypeScript's libraries do not have it yet. */
interface JSON {
  /** A value that `JSON.stringify` writes as this very text, which must be that of a JSON primitive. */
  rawJSON(text: string): unknown
  /** `source` is how a primitive was written. */
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
}
