/**
 * What a value that is no plain data becomes in JSON.
 *
 *   Map, Set            a list of [key, value] pairs, of values
 *   Date                its ISO text, null when it is none
 *   Error               its name, message, cause and own fields
 *   binary data         {"kind":"Uint8Array","sizeBytes":5000}
 *   URL, boxed values   their text, their value
 *   any other object    its own enumerable fields, accessors read
 */
import { countOf } from "../base/json.ts"

export type Shape =
  | { readonly kind: "list"; readonly items: ArrayLike<unknown>; readonly count: number }
  | { readonly kind: "record"; readonly fields: object; readonly keys: readonly string[] }
  | { readonly kind: "scalar"; readonly value: unknown }

/**
 * The shape of an object; of a Map or Set at most `mostItems` items are taken out.
 * @throws whatever the object throws when it is looked at.
 */
export function shapeOf(value: object, mostItems: number): Shape {
  if (Array.isArray(value)) return { kind: "list", items: value, count: countOf(value.length) ?? 0 }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return recordOf(value)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return recordOf({ kind: Object.prototype.toString.call(value).slice(8, -1), sizeBytes: value.byteLength })
  }
  if (value instanceof Map) return taken(Map.prototype.entries.call(value), value.size, mostItems)
  if (value instanceof Set) return taken(Set.prototype.values.call(value), value.size, mostItems)
  if (value instanceof Date)
    return { kind: "scalar", value: Number.isFinite(Date.prototype.getTime.call(value)) ? Date.prototype.toISOString.call(value) : null }
  if (value instanceof Error) return errorOf(value)
  if (value instanceof URL) return { kind: "scalar", value: value.href }
  if (value instanceof String) return { kind: "scalar", value: String.prototype.valueOf.call(value) }
  if (value instanceof Number) return { kind: "scalar", value: Number.prototype.valueOf.call(value) }
  if (value instanceof Boolean) return { kind: "scalar", value: Boolean.prototype.valueOf.call(value) }
  return recordOf(value)
}

function recordOf(fields: object): Shape {
  return { kind: "record", fields, keys: Object.keys(fields) }
}

function errorOf(error: Error): Shape {
  const own = Object.keys(error).filter((key) => key !== "name" && key !== "message" && key !== "cause")
  return { kind: "record", fields: error, keys: ["name", "message", ...(Object.hasOwn(error, "cause") ? ["cause"] : []), ...own] }
}

function taken(values: Iterator<unknown>, count: number, mostItems: number): Shape {
  const items: unknown[] = []
  for (let next = values.next(); next.done !== true && items.length < mostItems; next = values.next()) items.push(next.value)
  return { kind: "list", items, count }
}
