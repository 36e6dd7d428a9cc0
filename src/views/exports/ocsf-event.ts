/** An entry of the journal as an event of OCSF: the attributes that its class requires, and what the profiles `ai_operation` and `security_control` add. */
import { countOf, objectOf, stringOf, type Json, type JsonObject } from "../../base/json.ts"
import { describe } from "../../format/describe.ts"
import { categoryOf } from "../../format/event.ts"
import { factsOf, type StoredEntry } from "../../journal/reader.ts"
import { ocsfClasses, ocsfKind, ocsfVersion, otherActivity, severities, type OcsfKind, type Severity } from "./ocsf-classes.ts"

/** `session`: the session's key, or the hexadecimal scope id that stands for it. */
export type OcsfSource = { readonly origin: string; readonly version: string; readonly session: string; readonly leafHash: string }

const host = "openclaw"

export function ocsfEvent(entry: StoredEntry, source: OcsfSource): JsonObject {
  const { header, sequence } = entry
  const { id, ...facts } = factsOf(entry)
  const kind = ocsfKind(header.type, facts)
  const message = describe(header.type, facts)
  const told = { type: header.type, id, facts, message, timeMs: header.timeMs, session: source.session }
  const own = classAttributes(kind, told)
  const { profiles = [], activity = otherActivity, severity = 1, ...attributes } = own
  const { atMs } = facts
  return {
    ...classification(kind.of, activity, header.type),
    ...severityOf(severity),
    time: countOf(atMs) ?? header.timeMs,
    timezone_offset: 0,
    message,
    metadata: {
      version: ocsfVersion,
      product: productOf(source.version),
      profiles: [...profiles, "record_integrity"],
      uid: eventUid(source.origin, sequence),
      original_event_uid: id,
      event_code: header.type,
      log_name: source.origin,
      logged_time: header.timeMs,
      sequence,
    },
    ...attributes,
    ...observables(facts, source.session),
    unmapped: {
      sovereign_ledger: {
        type: header.type,
        category: categoryOf(header.type),
        sequence,
        leaf_hash: source.leafHash,
        scope_id: header.scopeId.toString("hex"),
        facts: facts as JsonObject,
      },
    },
  }
}

export function eventUid(origin: string, sequence: number | string): string {
  return `${origin}/${sequence}`
}

export function classification(name: keyof typeof ocsfClasses, activity: number, type: string): JsonObject {
  const { uid, name: caption, category, categoryName, activities } = ocsfClasses[name]
  // Of an activity that no class has, the name is the source's own.
  const known = (activities as Readonly<Record<number, string>>)[activity]
  return {
    category_uid: category,
    category_name: categoryName,
    class_uid: uid,
    class_name: caption,
    activity_id: activity,
    activity_name: known ?? type,
    type_uid: uid * 100 + activity,
    type_name: `${caption}: ${known ?? "Other"}`,
  }
}

export function severityOf(severity: Severity): JsonObject {
  return { severity_id: severity, severity: severities[severity] }
}

export function productOf(version: string): JsonObject {
  return { name: "Sovereign Ledger", vendor_name: "Sovereign Ledger", version }
}

type Told = {
  readonly type: string
  readonly id: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly message: string
  readonly timeMs: number
  readonly session: string
}
type Attributes = Record<string, Json> & { readonly profiles?: string[]; readonly activity?: number; readonly severity?: Severity }

function classAttributes(kind: OcsfKind, told: Told): Attributes {
  const { facts, message, timeMs, id, type, session } = told
  switch (kind.of) {
    case "base":
      return {}
    case "finding":
      return {
        profiles: ["security_control"],
        activity: 1,
        severity: kind.severity,
        finding_info: { uid: id || `${type}/${timeMs}`, title: message, types: [type], created_time: timeMs },
        is_alert: true,
        status_id: 1,
        status: "New",
        ...(kind.blocked
          ? { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" }
          : { action_id: 0, action: "Unknown", disposition_id: 15, disposition: "Detected" }),
      }
    case "entity":
      return {
        activity: kind.activity,
        entity: { name: nameIn(facts, kind.named) ?? kind.entity, type: kind.entity, data: facts as JsonObject },
      }
    case "lifecycle":
      return { activity: kind.activity, application: { name: nameIn(facts, kind.named) ?? kind.application } }
    case "api": {
      const [provider, model, tool] = [stringOf(facts["provider"]), stringOf(facts["model"]), stringOf(facts["tool"])]
      const failed = facts["failed"] === true || facts["stopReason"] === "error" || facts["stopReason"] === "aborted"
      return {
        profiles: ["ai_operation"],
        actor: { app_name: host, ...(session === "" ? {} : { session: { uid: session } }) },
        api: { operation: tool ?? "chat", service: { name: tool === undefined ? (provider ?? "unknown") : host } },
        src_endpoint: { svc_name: host },
        status_id: failed ? 2 : 1,
        status: failed ? "Failure" : "Success",
        ...aiAttributes(facts, provider, model, session),
      }
    }
  }
}

/** Of the profile `ai_operation`. What came from and went into a cache is part of the prompt. */
function aiAttributes(facts: Told["facts"], provider: string | undefined, model: string | undefined, session: string): Record<string, Json> {
  const agent = stringOf(facts["agent"])
  const aiModel = model === undefined ? undefined : { model_name: model, name: model, ai_provider: provider ?? "unknown" }
  const [input, output] = [["inputTokens", "cacheReadTokens", "cacheWriteTokens"].map((name) => countOf(facts[name]) ?? 0), countOf(facts["outputTokens"]) ?? 0]
  const prompt = input.reduce((sum, one) => sum + one, 0)
  const tokens = prompt + output === 0 ? {} : { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output }
  return {
    ...(agent === undefined ? {} : { ai_agent: { uid: agent, name: agent, ...(aiModel && { ai_model: aiModel }) } }),
    ...(agent === undefined && aiModel ? { ai_model: aiModel } : {}),
    message_context: { application: { name: host }, ...(session === "" ? { name: host } : { uid: session }), ...tokens },
  }
}

/** What an analyst follows from event to event. */
function observables(facts: Told["facts"], session: string): Record<string, Json> {
  const [agent, tool] = [stringOf(facts["agent"]), stringOf(facts["tool"])]
  const found = [
    ...(session === "" ? [] : [{ name: "session", type: "Session", type_id: 99, value: session }]),
    ...(agent === undefined ? [] : [{ name: "agent", type: "AI Agent", type_id: 99, value: agent }]),
    ...(tool === undefined ? [] : [{ name: "tool", type: "Tool", type_id: 99, value: tool }]),
  ]
  return found.length === 0 ? {} : { observables: found }
}

function nameIn(facts: Told["facts"], fact: string | undefined): string | undefined {
  return (fact === undefined ? undefined : stringOf(facts[fact])) ?? stringOf(objectOf(facts["rule"])["name"])
}
