/**
 * Checks of OCSF events, written from the published schema 1.9.0 (https://schema.ocsf.io/1.9.0/, https://github.com/ocsf/ocsf-schema): what each class requires and
 * knows, types of values, values of enumerations, what the profiles allow, and `type_uid`. Only the classes and objects that occur are in it.
 */
type Type = "string" | "integer" | "timestamp" | "boolean" | "json" | "strings" | { readonly object: string } | { readonly list: string }
type Attribute = { readonly type: Type; readonly required?: true; readonly enum?: readonly number[]; readonly profile?: string }
type Shape = { readonly attributes: Readonly<Record<string, Attribute>>; readonly atLeastOne?: readonly string[] }

const of = (type: Type, more: Omit<Attribute, "type"> = {}): Attribute => ({ type, ...more })
const required = (type: Type, more: Omit<Attribute, "type"> = {}): Attribute => ({ type, required: true, ...more })
const object = (name: string): Type => ({ object: name })

/** base_event.json with classification and occurrence, and the profile record_integrity, which every class may have. */
const base: Shape["attributes"] = {
  activity_id: required("integer"),
  activity_name: of("string"),
  category_uid: required("integer"),
  category_name: of("string"),
  class_uid: required("integer"),
  class_name: of("string"),
  type_uid: required("integer"),
  type_name: of("string"),
  severity_id: required("integer", { enum: [0, 1, 2, 3, 4, 5, 6, 99] }),
  severity: of("string"),
  time: required("timestamp"),
  timezone_offset: of("integer"),
  message: of("string"),
  status_id: of("integer", { enum: [0, 1, 2, 99] }),
  status: of("string"),
  metadata: required(object("metadata")),
  observables: of({ list: "observable" }),
  unmapped: of("json"),
  attestation: of(object("attestation"), { profile: "record_integrity" }),
}

const aiOperation: Shape["attributes"] = {
  ai_agent: of(object("ai_agent"), { profile: "ai_operation" }),
  ai_model: of(object("ai_model"), { profile: "ai_operation" }),
  message_context: of(object("message_context"), { profile: "ai_operation" }),
}

const securityControl: Shape["attributes"] = {
  action_id: of("integer", { enum: [0, 1, 2, 3, 4, 99], profile: "security_control" }),
  action: of("string", { profile: "security_control" }),
  disposition_id: of("integer", { enum: Array.from({ length: 28 }, (_, at) => at).concat(99), profile: "security_control" }),
  disposition: of("string", { profile: "security_control" }),
  is_alert: of("boolean"),
}

type Class = { readonly category: number; readonly activities: readonly number[]; readonly attributes: Shape["attributes"] }

const classes: Readonly<Record<number, Class>> = {
  0: { category: 0, activities: [0, 99], attributes: base },
  2004: {
    category: 2,
    activities: [0, 1, 2, 3, 99],
    attributes: { ...base, ...securityControl, finding_info: required(object("finding_info")), status_id: of("integer", { enum: [0, 1, 2, 3, 4, 5, 6, 99] }) },
  },
  3004: {
    category: 3,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99],
    attributes: { ...base, ...aiOperation, entity: required(object("managed_entity")) },
  },
  6002: {
    category: 6,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 99],
    attributes: { ...base, ...aiOperation, application: required(object("application")) },
  },
  6003: {
    category: 6,
    activities: [0, 1, 2, 3, 4, 99],
    attributes: { ...base, ...aiOperation, actor: required(object("actor")), api: required(object("api")), src_endpoint: required(object("network_endpoint")) },
  },
}

const objects: Readonly<Record<string, Shape>> = {
  metadata: {
    attributes: {
      version: required("string"),
      product: required(object("product")),
      profiles: of("strings"),
      uid: of("string"),
      original_event_uid: of("string"),
      event_code: of("string"),
      log_name: of("string"),
      logged_time: of("timestamp"),
      sequence: of("integer"),
    },
  },
  product: { attributes: { name: of("string"), vendor_name: of("string"), uid: of("string"), version: of("string") }, atLeastOne: ["name", "uid"] },
  observable: { attributes: { name: of("string"), type: of("string"), type_id: required("integer"), value: of("string") } },
  attestation: {
    attributes: {
      uid: of("string"),
      authority_uid: of("string"),
      chain_uid: of("string"),
      fingerprint: of(object("fingerprint")),
      prev_event: of(object("prev_event")),
    },
    atLeastOne: ["fingerprint", "signatures"],
  },
  prev_event: { attributes: { uid: required("string"), type_uid: of("integer"), fingerprint: of(object("fingerprint")) } },
  fingerprint: {
    attributes: {
      algorithm_id: required("integer", { enum: [0, 1, 2, 3, 4, 5, 6, 7, 99] }),
      algorithm: of("string"),
      encoding_id: of("integer", { enum: [0, 1, 2, 3, 99] }),
      encoding: of("string"),
      value: required("string"),
    },
  },
  finding_info: {
    attributes: { uid: required("string"), title: of("string"), types: of("strings"), created_time: of("timestamp"), desc: of("string") },
  },
  managed_entity: { attributes: { name: of("string"), uid: of("string"), type: of("string"), data: of("json") }, atLeastOne: ["name", "uid"] },
  application: { attributes: { name: of("string"), uid: of("string"), type: of("string") }, atLeastOne: ["name", "uid"] },
  actor: {
    attributes: { app_name: of("string"), app_uid: of("string"), session: of(object("session")) },
    atLeastOne: ["process", "user", "invoked_by", "session", "app_name", "app_uid"],
  },
  session: { attributes: { uid: of("string") } },
  api: { attributes: { operation: required("string"), service: of(object("service")) } },
  service: { attributes: { name: of("string"), uid: of("string") }, atLeastOne: ["name", "uid"] },
  network_endpoint: { attributes: { svc_name: of("string"), name: of("string") }, atLeastOne: ["ip", "uid", "name", "hostname", "svc_name"] },
  ai_agent: { attributes: { uid: required("string"), name: of("string"), ai_model: of(object("ai_model")) } },
  ai_model: { attributes: { model_name: required("string"), ai_provider: required("string"), name: of("string"), uid: of("string") } },
  message_context: {
    attributes: {
      uid: of("string"),
      name: of("string"),
      application: of(object("application")),
      service: of(object("service")),
      prompt_tokens: of("integer"),
      completion_tokens: of("integer"),
      total_tokens: of("integer"),
    },
    atLeastOne: ["application", "service"],
  },
}

type Fields = Readonly<Record<string, unknown>>

/** What is wrong with one event, a sentence each. */
export function ocsfFaults(event: Fields): readonly string[] {
  const known = classes[event["class_uid"] as number]
  if (known === undefined) return [`there is no class ${String(event["class_uid"])}`]
  const activity = event["activity_id"] as number
  const metadata = fieldsOf(event["metadata"])
  const profiles = Array.isArray(metadata["profiles"]) ? (metadata["profiles"] as readonly unknown[]) : []
  const { attributes } = known
  return [
    ...shapeFaults(event, { attributes }, "", profiles),
    ...(event["category_uid"] === known.category ? [] : ["category_uid is not that of the class"]),
    ...(known.activities.includes(activity) ? [] : [`the class has no activity ${activity}`]),
    ...(event["type_uid"] === (event["class_uid"] as number) * 100 + activity ? [] : ["type_uid is not class_uid * 100 + activity_id"]),
    ...(activity === 99 && typeof event["activity_name"] !== "string" ? ["an activity of the source's own has no name"] : []),
    ...(/^1\.\d+\.\d+$/.test(String(metadata["version"])) ? [] : ["metadata.version is no version of the schema"]),
  ]
}

function shapeFaults(fields: Fields, { attributes, atLeastOne }: Shape, path: string, profiles: readonly unknown[]): readonly string[] {
  const faults: string[] = []
  for (const [name, { required: must }] of Object.entries(attributes)) if (must && fields[name] === undefined) faults.push(`${path}${name} is required`)
  for (const [name, value] of Object.entries(fields)) {
    const attribute = attributes[name]
    if (attribute === undefined) faults.push(`${path}${name} is not in the schema`)
    else faults.push(...valueFaults(value, attribute, `${path}${name}`, profiles))
  }
  if (atLeastOne && !atLeastOne.some((name) => fields[name] !== undefined)) faults.push(`${path} has none of ${atLeastOne.join(", ")}`)
  return faults
}

function valueFaults(value: unknown, { type, enum: values, profile }: Attribute, path: string, profiles: readonly unknown[]): readonly string[] {
  const faults: string[] = []
  if (profile !== undefined && !profiles.includes(profile)) faults.push(`${path} is of the profile ${profile}, which metadata.profiles does not name`)
  if (typeof type === "object") {
    const isList = "list" in type
    const shape = objects[isList ? type.list : type.object]
    const members: readonly unknown[] = isList ? (Array.isArray(value) ? value : [undefined]) : [value]
    for (const one of members) {
      if (typeof one !== "object" || one === null || shape === undefined) faults.push(`${path} is no ${isList ? "list of objects" : "object"}`)
      else faults.push(...shapeFaults(one as Fields, shape, `${path}.`, profiles))
    }
    return faults
  }
  const holds = {
    string: typeof value === "string" && value !== "",
    integer: Number.isSafeInteger(value),
    // Milliseconds since 1970: a time in seconds would lie in January of that year.
    timestamp: Number.isSafeInteger(value) && (value as number) > 1e11,
    boolean: typeof value === "boolean",
    json: typeof value === "object" && value !== null,
    strings: Array.isArray(value) && value.every((one) => typeof one === "string"),
  }[type]
  if (!holds) faults.push(`${path} is no ${type}`)
  if (values && !values.includes(value as number)) faults.push(`${path} may not be ${String(value)}`)
  return faults
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {}
}
