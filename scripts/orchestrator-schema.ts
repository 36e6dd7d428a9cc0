/** The members of the setting `orchestrator`, as the host's manifest has them: made of their defaults. */
import { orchestratorDefaults } from "../src/policy/orchestrator/orchestrator-rule.ts"

type Schema = { readonly type: string } & Readonly<Record<string, unknown>>

export const orchestratorFields: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(orchestratorDefaults).map(([name, value]) => [name, fieldOf(name, value)]),
)

function fieldOf(name: string, value: unknown): Schema {
  if (name === "threadBinding") return { type: "string", enum: ["auto", "always", "never"] }
  if (Array.isArray(value)) return { type: "array", items: { type: "string", minLength: 1 } }
  return { type: typeof value === "number" ? "integer" : typeof value }
}
