/** Times and durations of reports. */

export function timeWords(iso: string | null): string {
  return iso === null ? "-" : iso.slice(0, 19).replace("T", " ")
}

export function durationWords(ms: number | null): string {
  if (ms === null) return "-"
  if (ms < 1_000) return `${ms} ms`
  if (ms < 90_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`
  return `${(ms / 3_600_000).toFixed(1)} h`
}
