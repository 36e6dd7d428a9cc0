/**
 * The metadata that FOCUS 1.2 asks for beside a file (https://focus.finops.org/focus-specification/v1-2/, Metadata): who made it, by which version, and the type of
 * each column. The schema's id is a digest of it, so that it is another one exactly when a column is.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import type { JsonObject } from "../../base/json.ts"
import { sha256 } from "../../format/sha256.ts"
import { costScale, nanoScale } from "./call-costs.ts"
import { focusColumns, tagPrefix, type FocusColumn } from "./focus.ts"

/** When the columns last changed. */
const creationDate = "2026-11-30T00:00:00Z"
/** Digits of a decimal, those behind the point included. */
const precision = 38

export function focusMetadata(): JsonObject {
  const definition = focusColumns.map((column) => ({ ColumnName: column, ...typeOf(column) }))
  const schema = { FocusVersion: "1.2", CreationDate: creationDate, ColumnDefinition: definition }
  return { DataGenerator: "Sovereign Ledger", Schema: { SchemaId: uuidOf(canonicalJson(schema)), ...schema } }
}

function typeOf(column: FocusColumn): JsonObject {
  if (column === "Tags") return { DataType: "JSON", ProviderTagPrefixes: [tagPrefix] }
  if (/Period(?:Start|End)$/.test(column)) return { DataType: "DATETIME" }
  const scale = column.endsWith("Cost") ? costScale : column.endsWith("UnitPrice") ? nanoScale : column === "PricingQuantity" ? 6 : undefined
  if (scale !== undefined) return { DataType: "DECIMAL", NumericPrecision: precision, NumberScale: scale }
  if (column === "ConsumedQuantity" || /^x_(?:Calls|\w+Sequence)$/.test(column)) return { DataType: "DECIMAL", NumericPrecision: precision, NumberScale: 0 }
  return { DataType: "STRING", StringEncoding: "UTF-8" }
}

/** A digest in the shape of a UUID of version 8 (RFC 9562, 5.8). */
function uuidOf(text: string): string {
  const bytes = sha256(text).subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
}
