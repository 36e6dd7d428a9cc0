/** What is to be written into the host's configuration, as `openclaw config patch` takes it: objects merge, lists and values replace, null removes. */
import { canonicalJson, objectOf, type Json, type JsonObject } from "../../../base/json.ts"

export const pluginId = "sovereign-ledger"

/** A patch for one of the plugin's settings; a dot in the name is a level. */
export function settingPatch(name: string, value: Json): JsonObject {
  const config = name.split(".").reduceRight<Json>((inner, part) => ({ [part]: inner }), value)
  return { plugins: { entries: { [pluginId]: { config } } } }
}

/** Several patches as one; what is to be removed stays named. */
export function together(patches: readonly JsonObject[]): JsonObject {
  const both = (one: JsonObject, other: JsonObject): JsonObject => {
    const result: Record<string, Json> = { ...one }
    for (const [name, value] of Object.entries(other)) {
      const before = result[name]
      result[name] = isObject(value) && before !== undefined && isObject(before) ? both(before, value) : value
    }
    return result
  }
  return patches.reduce(both, {})
}

/** What a configuration is with it. */
export function merged(base: unknown, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...objectOf(base) }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = isObject(value) ? merged(result[name], value) : value
  }
  return result as JsonObject
}

/** What of a patch the configuration does not say yet; undefined where it says all of it. */
export function missingOf(config: unknown, patch: JsonObject): JsonObject | undefined {
  const rows = Object.entries(patch).flatMap(([name, value]): readonly (readonly [string, Json])[] => {
    const found = objectOf(config)[name]
    if (!isObject(value)) return (value === null ? found === undefined : canonicalJson(found) === canonicalJson(value)) ? [] : [[name, value]]
    const inner = missingOf(found, value)
    return inner === undefined ? [] : [[name, inner]]
  })
  return rows.length === 0 ? undefined : Object.fromEntries(rows)
}

/** Dotted paths of all that a patch sets or removes. */
export function pathsOf(patch: JsonObject, before = ""): readonly string[] {
  return Object.entries(patch).flatMap(([name, value]) => (isObject(value) && !isReference(value) ? pathsOf(value, `${before}${name}.`) : [before + name]))
}

const secrets: ReadonlySet<string> = new Set(["notificationWebhook", "reportWebhook", "deApiKey", "deSigningKey", "masterKey"])

/** The same with nothing in it that is nobody's business; a reference to a secret is none. */
export function masked(patch: JsonObject): JsonObject {
  const rows = Object.entries(patch).map(([name, value]): [string, Json] => {
    if (secrets.has(name) && typeof value === "string") return [name, "(not shown)"]
    return [name, isObject(value) ? masked(value) : value]
  })
  return Object.fromEntries(rows)
}

/** To a secret of the host's: one thing, not three. */
function isReference({ source }: JsonObject): boolean {
  return typeof source === "string"
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The command that writes it, for a shell. */
export function patchCommand(patch: JsonObject): string {
  return `openclaw config patch --stdin <<'END'\n${JSON.stringify(masked(patch))}\nEND`
}
