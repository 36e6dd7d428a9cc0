/** A large source is read in parts, each by another thread. */
export type Part = { readonly index: number; readonly of: number }

export const whole: Part = { index: 0, of: 1 }

/** Smaller ones are read sooner than a second thread has looked for its part. */
const bytesWorthParts = 32 * 2 ** 20

/** Only a store can be read in parts: a file of lines is read from its beginning, and there are many of them. */
export function partsOf({ kind, sizeBytes }: { readonly kind: string; readonly sizeBytes: number }, readers: number): readonly Part[] {
  if (kind !== "agent-store" || readers < 2 || sizeBytes < bytesWorthParts) return [whole]
  return Array.from({ length: readers }, (_, index) => ({ index, of: readers }))
}
