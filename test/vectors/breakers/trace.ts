/** One run as a breaker sees it: calls of tools with their results, and what that is. Written as agents really do it, with texts that real tools give. */

export type TracedCall = {
  readonly tool: string
  readonly params: Readonly<Record<string, unknown>>
  readonly result: string
  readonly durationMs?: number
  readonly error?: string
  /** Asked for in one turn with the call before it. */
  readonly beside?: true
}

export type Trace = {
  readonly name: string
  readonly calls: readonly TracedCall[]
  /** Of a loop: which breaker trips, and at which call at the latest. */
  readonly trips?: { readonly breaker: "identical-calls" | "similar-calls"; readonly atCall: number }
}

export const exec = (command: string, result: string, more: Partial<TracedCall> = {}): TracedCall => ({ tool: "exec", params: { command }, result, ...more })
export const read = (path: string, result: string): TracedCall => ({ tool: "read", params: { path }, result })
export const edit = (path: string, n: number): TracedCall => ({
  tool: "edit",
  params: { path, edits: [{ oldText: `const step${"abcdefghijklmnopqrstuvwxyz"[n % 26]} = old()`, newText: `const step${"abcdefghijklmnopqrstuvwxyz"[n % 26]} = ${words(n, 3)}()` }] },
  result: `Successfully replaced 1 block in ${path}: ${words(n + 7, 4)}`,
})
export const fetchUrl = (url: string, result: string, more: Partial<TracedCall> = {}): TracedCall => ({ tool: "web_fetch", params: { url }, result, ...more })
export const poll = (session: string, result: string, durationMs = 40): TracedCall => ({ tool: "process", params: { action: "poll", sessionId: session }, result, durationMs })

export function times<T>(count: number, make: (n: number) => T | readonly T[]): readonly T[] {
  return Array.from({ length: count }, (_, n) => make(n)).flat() as readonly T[]
}

const vocabulary =
  "amber birch cedar delta ember fjord grove heron inlet jetty knoll larch maple north otter pearl quill river stone tulip umber vale willow xenon yarrow zephyr".split(" ")

/** Some words that differ from one number to the next: a text of its own. */
export function words(seed: number, count: number): string {
  return Array.from({ length: count }, (_, n) => vocabulary[(seed * 7 + n * 11 + Math.floor(seed / 26) * (n + 1)) % 26]).join(" ")
}

export function uuid(n: number): string {
  const hex = (n * 2_654_435_761 + 97).toString(16).padStart(12, "0").slice(-12)
  return `${hex.slice(0, 8)}-${hex.slice(2, 6)}-4${hex.slice(3, 6)}-a${hex.slice(1, 4)}-${hex}`
}

export function at(n: number, stepS = 37): string {
  return new Date(Date.UTC(2026, 10, 29, 9, 0, 0) + n * stepS * 1_000).toISOString()
}
