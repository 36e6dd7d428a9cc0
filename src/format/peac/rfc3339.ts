/** Times as RFC 3339 writes them. */
const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

export function isTime(value: unknown): value is string {
  return typeof value === "string" && shape.test(value) && !Number.isNaN(Date.parse(value))
}
