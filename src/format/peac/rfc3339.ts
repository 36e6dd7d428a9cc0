/** Times as RFC 3339 writes them. */
const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** One moment is told several times in a record. */
let last = ""

export function isTime(value: unknown): value is string {
  if (typeof value !== "string") return false
  if (value === last) return true
  if (!shape.test(value) || Number.isNaN(Date.parse(value))) return false
  last = value
  return true
}
