/** Memory of this process after a collection; needs --expose-gc. */
const bytesPerMb = 1_000_000

export function memoryMb(): { readonly heapMb: number; readonly residentMb: number } {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapMb: (heapUsed + external) / bytesPerMb, residentMb: rss / bytesPerMb }
}
