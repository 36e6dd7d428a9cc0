/** How values look to people: one place for sizes, times and text somebody else wrote. */

/** Control characters, line and paragraph separators, and marks that turn the direction of text. */
const troublesome = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Shown data cannot move the cursor, ring the bell or start a new line. */
export function plain(text: string): string {
  return text.replace(troublesome, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

export function sizeWords(sizeBytes: number): string {
  if (sizeBytes < 1_000) return `${sizeBytes} B`
  const units = ["kB", "MB", "GB", "TB"]
  let value = sizeBytes
  let unit = -1
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? "B"}`
}

export function agoWords(fromIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(fromIso)) / 1000))
  if (seconds < 90) return `${seconds} s ago`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h ago`
  return `${Math.round(seconds / 86_400)} days ago`
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`
}
