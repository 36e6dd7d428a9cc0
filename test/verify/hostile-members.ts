/** JSON with a hostile value in the place of each of its members, one at a time. */
import type { Json } from "../../src/base/json.ts"

export type Bent = { readonly what: string; readonly value: Json; readonly path: readonly (string | number)[]; readonly put: Json }

/** What no careless reader survives: an object that cannot become a text, the right text in a list, and other kinds. */
const hostile = (good: Json): readonly Json[] => [{ toString: null, valueOf: null }, [good], { a: { b: [{}] } }, 7, null, true]

export function bentMembers(good: Json): readonly Bent[] {
  return pathsIn(good).flatMap((path) => {
    const before = at(good, path)
    return hostile(before)
      .filter((put) => JSON.stringify(put) !== JSON.stringify(before))
      .map((put) => ({ what: `${path.join(".")} is ${JSON.stringify(put).slice(0, 60)}`, value: changed(good, path, put), path, put }))
  })
}

function pathsIn(value: Json): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return []
  const names = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return names.flatMap((name) => [[name], ...pathsIn(at(value, [name])).map((path) => [name, ...path])])
}

function at(value: Json, path: readonly (string | number)[]): Json {
  return path.reduce<Json>((inner, name) => (inner as Record<string | number, Json>)[name] ?? null, value)
}

function changed(value: Json, [name, ...rest]: readonly (string | number)[], put: Json): Json {
  if (name === undefined) return put
  const inner = changed(at(value, [name]), rest, put)
  return Array.isArray(value) ? value.with(Number(name), inner) : { ...(value as object), [name]: inner }
}
