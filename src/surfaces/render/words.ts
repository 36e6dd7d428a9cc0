/** How values look to people: one place for sizes, times and text somebody else wrote. */

export { plain, plainId } from "../../base/plain-text.ts"

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
