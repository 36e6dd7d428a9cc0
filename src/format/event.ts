/**
 * What can happen: every type of event with its facts, one row each.
 *
 * Facts are pseudonymous (no text, names or addresses) and are enough to rebuild every balance; what a person wrote or is called stands in
 * `content`, sealed under the key of the event's scope. `alias` is the name operators of OpenClaw audit trails know; filters take both.
 */
import type { Json, JsonObject } from "../base/json.ts"
import type { CommonFacts, EventFacts } from "./event-facts.ts"

export type { CommonFacts, EventFacts, RunKind } from "./event-facts.ts"

export type Category = "prompt" | "agent" | "tool" | "cron" | "message" | "session" | "gateway" | "system" | "config" | "security" | "spend"

export type EventType = keyof EventFacts

type EventRow = {
  readonly alias: string
  readonly category: Category
  /** One sentence for people, without the type's own words. */
  readonly words: string
}

export const eventTypes: { readonly [T in EventType]: EventRow } = {
  "journal.opened": { alias: "journal.open", category: "system", words: "the journal began; its key and origin are pinned here" },
  "signer.replaced": { alias: "signer.replace", category: "security", words: "the signing key gave its place to another one; both signed it" },
  "master.replaced": { alias: "master.replace", category: "security", words: "another master key opens the ledger; the one before opens it no more" },
  "vault.rekeyed": { alias: "vault.rekey", category: "security", words: "all data was sealed anew under other keys" },
  "journal.closed": { alias: "journal.close", category: "system", words: "what stands before was closed, its balances carried on, and removed" },
  "map.committed": { alias: "map.commit", category: "system", words: "the root of the map of event ids was put on record" },
  "content.erased": { alias: "content.erase", category: "security", words: "contents were erased: the keys that open them were destroyed" },
  "erasure.repeated": {
    alias: "content.erase_again",
    category: "security",
    words: "contents were erased again: a copy of the keys from before their erasure had been put back",
  },
  "legal-hold.placed": { alias: "legal_hold.place", category: "security", words: "contents are not to be erased until this is lifted" },
  "legal-hold.lifted": { alias: "legal_hold.lift", category: "security", words: "contents may be erased again" },
  "writer.started": { alias: "writer.start", category: "system", words: "the writer process took the ledger" },
  "writer.stopped": { alias: "writer.stop", category: "system", words: "the writer process let go of the ledger" },
  "config.loaded": { alias: "config.load", category: "config", words: "settings that decide anything were loaded" },
  "capture.gap": { alias: "capture.gap", category: "system", words: "events that could not be recorded, counted by type" },
  "capture.hook-unavailable": { alias: "system.hook_unavailable", category: "system", words: "a hook of the host could not be registered" },
  "guard.disabled": { alias: "security.guard_disabled", category: "security", words: "the plugin was switched off while the gateway runs on" },
  "guard.touched": {
    alias: "security.guard_touched",
    category: "security",
    words: "a tool call reached for the ledger's own files, keys, configuration or processes",
  },
  "finding.recorded": {
    alias: "security.scan_result",
    category: "security",
    words: "the scanner found what looks like an attack, or like a secret, in a tool call, a result, a message or a file",
  },
  "anomaly.found": {
    alias: "security.anomaly",
    category: "security",
    words: "something odd: denials in a row, an hour that costs too much, a tool that was never used",
  },
  "witness.disagreed": {
    alias: "security.witness_alarm",
    category: "security",
    words: "a witness has seen this ledger otherwise than it is here: rolled back, cut or forked",
  },
  "checkpoint.anchored": {
    alias: "security.checkpoint_anchored",
    category: "system",
    words: "a third party was shown a checkpoint, and gave its word on when",
  },
  "anchor.paid": { alias: "security.anchor_paid", category: "system", words: "a third party was paid for showing a checkpoint to it" },
  "anchor.rejected": {
    alias: "security.anchor_rejected",
    category: "security",
    words: "what a third party gave as its word on a checkpoint is none, and was not taken",
  },
  "ledger.reconciled": {
    alias: "ledger.reconcile",
    category: "spend",
    words: "the ledger was counted again from its entries and compared with its live state",
  },
  "transfer.posted": {
    alias: "ledger.transfer",
    category: "spend",
    words: "an amount moved between accounts: allotted, taken back, transferred, spent or corrected",
  },
  "hold.placed": { alias: "ledger.hold", category: "spend", words: "the most something can cost was set aside before it began" },
  "hold.consumed": { alias: "ledger.consume", category: "spend", words: "what a hold was placed for has begun" },
  "hold.settled": { alias: "ledger.settle", category: "spend", words: "what a hold was placed for ended, and what it came to was posted" },
  "hold.released": { alias: "ledger.release", category: "spend", words: "a hold was given back: nothing was spent" },
  "hold.expired": { alias: "ledger.expire", category: "spend", words: "a hold's time was over before what it was placed for began" },
  "spend.refused": { alias: "ledger.refuse", category: "spend", words: "something was refused, because its most could not be set aside" },
  "call.stopped": { alias: "ledger.stop", category: "spend", words: "a model call without a hold was stopped before its request left" },
  "budget.set": { alias: "budget.set", category: "spend", words: "a budget was made or changed" },
  "budget.removed": { alias: "budget.remove", category: "spend", words: "a budget was removed" },
  "budget.opened": { alias: "budget.open", category: "spend", words: "a new period of a budget began" },
  "budget.warned": { alias: "budget.warn", category: "spend", words: "what is spent reached a warning level of a budget" },
  "allowance.set": { alias: "allowance.set", category: "spend", words: "a quota that an account is given in every period was set or changed" },
  "allowance.removed": { alias: "allowance.remove", category: "spend", words: "an allowance was removed; what was left of it went back" },
  "allowance.opened": { alias: "allowance.open", category: "spend", words: "an allowance was handed out for a new period" },
  "window.reported": { alias: "window.report", category: "spend", words: "a provider told how far a window of its subscription is used" },
  "budget.frozen": { alias: "budget.freeze", category: "spend", words: "a budget was frozen: nothing may be held against it" },
  "budget.unfrozen": { alias: "budget.unfreeze", category: "spend", words: "a budget was unfrozen" },
  "account.frozen": { alias: "account.freeze", category: "spend", words: "an account was frozen: it may spend nothing" },
  "account.unfrozen": { alias: "account.unfreeze", category: "spend", words: "an account was unfrozen" },
  "ledger.frozen": { alias: "ledger.freeze", category: "spend", words: "everything was frozen: nobody may spend anything" },
  "ledger.unfrozen": { alias: "ledger.unfreeze", category: "spend", words: "the ledger was unfrozen" },
  "ledger.restored": {
    alias: "security.ledger_restored",
    category: "security",
    words: "something outside tells of a ledger that this one cannot have grown from: it was put back from a copy",
  },
  "clock.anchored": { alias: "ledger.clock_anchor", category: "system", words: "ledger time was tied to the clock that nobody sets" },
  "clock.jumped": {
    alias: "security.clock_jump",
    category: "security",
    words: "the wall clock was set by more than passing time explains; ledger time goes on without it",
  },
  "clock.accepted": { alias: "ledger.clock_accept", category: "security", words: "ledger time was set to the wall clock" },
  "extension.asked": { alias: "extension.ask", category: "spend", words: "an owner was asked to let one run spend more than a budget or account has" },
  "extension.granted": { alias: "extension.grant", category: "spend", words: "an owner let one run spend more than a budget or account has" },
  "extension.denied": { alias: "extension.deny", category: "spend", words: "more for one run was refused" },
  "extension.expired": { alias: "extension.expire", category: "spend", words: "the time for more for one run was over" },
  "breaker.set": { alias: "breaker.set", category: "spend", words: "when breakers trip was set or changed" },
  "breaker.tripped": { alias: "breaker.trip", category: "spend", words: "a loop or a silent burn was found, and what it spends was cut off or told of" },
  "breaker.reset": { alias: "breaker.reset", category: "spend", words: "what a breaker had cut off may spend again" },
  "downgrades.set": { alias: "downgrade.set", category: "spend", words: "which cheaper models runs use when a budget runs low was set or changed" },
  "model.downgraded": { alias: "downgrade.apply", category: "spend", words: "a run was given a cheaper model, because a budget runs low" },
  "prices.loaded": { alias: "prices.load", category: "config", words: "a price book was loaded; what is held from here on is held at its prices" },
  "prices.doubted": { alias: "prices.doubt", category: "security", words: "a price is far below what it was, or below what is published" },
  "operator.credential-set": {
    alias: "operator.credential",
    category: "security",
    words: "the credential that loosening asks for was set, changed or taken away",
  },
  "receipts.begun": { alias: "receipts.begin", category: "system", words: "from here on every action of an agent has a receipt" },
  "receipts.ended": { alias: "receipts.end", category: "system", words: "actions have no receipts any more" },
  "receipt.issued": { alias: "receipt.issue", category: "system", words: "a signed record of one action of an agent, for people who have no ledger" },
  "receipts.halted": {
    alias: "receipts.halt",
    category: "security",
    words: "the receipts on record are no chain: none is signed any more until somebody has looked at it",
  },
  "receipt-key.revoked": {
    alias: "receipts.revoke_key",
    category: "security",
    words: "a key that signed receipts was revoked: what is signed by it from here on is not good",
  },
  "alerts.begun": { alias: "alerts.begin", category: "system", words: "from here on an operator is told of what matters" },
  "alerts.ended": { alias: "alerts.end", category: "system", words: "nobody is told of anything any more" },
  "alert.raised": { alias: "alert.raise", category: "system", words: "something that an operator is to be told of" },
  "alert.held": { alias: "alert.hold", category: "system", words: "something that an operator is told of later, together with others" },
  "alert.delivered": { alias: "alert.deliver", category: "system", words: "a receiver took an alert" },
  "alert.failed": { alias: "alert.fail", category: "system", words: "a receiver did not take an alert; it is tried again" },
  "alert.given-up": { alias: "alert.give_up", category: "security", words: "an alert did not reach a receiver, and is not tried again" },
  "change.refused": { alias: "operator.refuse", category: "security", words: "somebody asked for a change that loosens a limit, and was refused" },
  "gateway.started": { alias: "gateway.start", category: "gateway", words: "the gateway started, or reloaded the plugin" },
  "quota.sampled": { alias: "quota.sample", category: "spend", words: "a provider told of the plan it is used by, and how far its windows are used" },
  "gateway.stopped": { alias: "gateway.stop", category: "gateway", words: "the gateway stopped, or reloaded the plugin" },
  "session.started": { alias: "session.start", category: "session", words: "a session began" },
  "session.reset": { alias: "agent.reset", category: "session", words: "a session is about to be reset" },
  "session.ended": { alias: "session.end", category: "session", words: "a session ended" },
  "compaction.started": { alias: "agent.compaction_start", category: "agent", words: "a session's history is about to be compacted" },
  "compaction.ended": { alias: "agent.compaction_end", category: "agent", words: "a session's history was compacted" },
  "reply.requested": { alias: "agent.before_reply", category: "agent", words: "an answer is wanted; a plugin may give it in the model's place" },
  "prompt.routed": { alias: "prompt.model_resolve", category: "prompt", words: "a prompt is about to get its model" },
  "turn.prepared": { alias: "agent.turn_prepare", category: "agent", words: "a turn is prepared; plugins may add context" },
  "prompt.built": { alias: "prompt.build", category: "prompt", words: "the prompt of a turn is built; plugins may change it" },
  "heartbeat.prompted": { alias: "agent.heartbeat_prompt", category: "agent", words: "a heartbeat's prompt is built; plugins may add to it" },
  "run.started": { alias: "agent.start", category: "agent", words: "an agent's run is about to begin" },
  "run.progressed": { alias: "agent.progress", category: "agent", words: "the host's own word on a run: begun, retried, stopped, ended" },
  "answer.drafted": { alias: "agent.before_finalize", category: "agent", words: "an agent's answer is ready; a plugin may ask for another pass" },
  "run.ended": { alias: "agent.end", category: "agent", words: "an attempt of a run ended" },
  "prompt.submitted": { alias: "prompt.input", category: "prompt", words: "a prompt went to the model" },
  "prompt.exceeded": { alias: "prompt.large", category: "prompt", words: "a prompt was larger than the size that is warned of" },
  "model.responded": { alias: "prompt.response", category: "prompt", words: "the model's answer for one attempt, with its tokens" },
  "model.called": { alias: "model.call_start", category: "prompt", words: "one call to a model provider began" },
  "model.returned": { alias: "model.call_end", category: "prompt", words: "one call to a model provider ended" },
  "usage.reported": { alias: "usage.report", category: "prompt", words: "a transcript row with the tokens and cost of one model call" },
  "usage.imported": { alias: "usage.import", category: "prompt", words: "rows of model calls, read from what the host stored before" },
  "history.read": { alias: "history.read", category: "system", words: "a store or file of the host's was read, up to where it ended then" },
  "tool.invoked": { alias: "tool.invoked", category: "tool", words: "an agent asked for a tool" },
  "tool.returned": { alias: "tool.result", category: "tool", words: "a tool call ended" },
  "tool.denied": { alias: "tool.denied", category: "tool", words: "a tool call was refused" },
  "tool.persisted": { alias: "tool.persisted", category: "tool", words: "a tool's result is about to enter the transcript" },
  "approval.resolved": { alias: "tool.approval", category: "tool", words: "a question to the operator was answered, or ran out" },
  "exec.prepared": { alias: "tool.exec_env", category: "tool", words: "the environment of a command was put together" },
  "message.received": { alias: "message.received", category: "message", words: "a message came in" },
  "message.claimed": { alias: "message.claimed", category: "message", words: "a message came in for a conversation bound to a plugin" },
  "message.dispatched": { alias: "message.dispatched", category: "message", words: "a message is about to go to an agent" },
  "pairing.requested": { alias: "message.pairing_requested", category: "message", words: "somebody unknown asked a channel to be let in" },
  "reply.dispatched": { alias: "message.reply_dispatch", category: "message", words: "the answer to a message is about to be made" },
  "reply.offered": { alias: "message.reply_sending", category: "message", words: "a part of an answer is about to leave" },
  "message.offered": { alias: "message.sending", category: "message", words: "a message is about to leave" },
  "message.sent": { alias: "message.sent", category: "message", words: "a message left, or failed to" },
  "outbound.requested": { alias: "gate.requested", category: "message", words: "somebody who may asked for an answer, and some messages may leave for it" },
  "outbound.armed": { alias: "gate.armed", category: "message", words: "an operator let some messages leave to a protected recipient" },
  "outbound.disarmed": { alias: "gate.disarmed", category: "message", words: "nothing more may leave to a protected recipient" },
  "outbound.allowed": { alias: "gate.allowed", category: "message", words: "a message to a protected recipient may leave" },
  "outbound.refused": { alias: "gate.refused", category: "message", words: "a message to a protected recipient did not leave" },
  "outbound.stripped": { alias: "gate.stripped", category: "message", words: "what was taken out of a message before it left" },
  "outbound.missed": { alias: "gate.missed", category: "message", words: "what somebody asked for was not answered in time" },
  "outbound.told": { alias: "gate.told", category: "message", words: "what became of a message to a protected recipient" },
  "message.written": { alias: "message.write", category: "message", words: "a row is about to enter the transcript" },
  "subagent.spawned": { alias: "agent.subagent_spawned", category: "agent", words: "a run delegated work to a subagent" },
  "subagent.progressed": { alias: "agent.subagent_progress", category: "agent", words: "the host's word on a subagent: started or ended" },
  "subagent.routed": { alias: "agent.subagent_delivery", category: "agent", words: "where a subagent's answer goes was asked" },
  "subagent.ended": { alias: "agent.subagent_ended", category: "agent", words: "a subagent ended" },
  "orchestrator.requested": {
    alias: "orchestrator.spawn_requested",
    category: "agent",
    words: "a session is about to give work to an orchestrator or a worker",
  },
  "orchestrator.filled": {
    alias: "orchestrator.parameters",
    category: "agent",
    words: "a call was addressed to an orchestrator or its session, or its words were kept",
  },
  "orchestrator.refused": { alias: "orchestrator.blocked", category: "agent", words: "a session that hands work on was refused a tool" },
  "orchestrator.passed": { alias: "orchestrator.fallback", category: "agent", words: "an orchestrator was let do work itself after it was refused twice" },
  "orchestrator.failed": { alias: "orchestrator.spawn_failed", category: "agent", words: "nobody was given the work after all" },
  "orchestrator.bound": { alias: "orchestrator.bind", category: "agent", words: "a session has an orchestrator" },
  "orchestrator.unbound": { alias: "orchestrator.unbind", category: "agent", words: "a session has its orchestrator no more" },
  "orchestrator.joined": { alias: "orchestrator.worker_started", category: "agent", words: "a worker was started" },
  "orchestrator.ended": { alias: "orchestrator.worker_ended", category: "agent", words: "a run of a worker or an orchestrator ended" },
  "orchestrator.retried": { alias: "orchestrator.retry", category: "agent", words: "a session is told to give failed work out again" },
  "orchestrator.exhausted": { alias: "orchestrator.retry_limit", category: "agent", words: "work failed and is not given out again" },
  "orchestrator.told": { alias: "orchestrator.retry_sent", category: "agent", words: "whether a session was told to give work out again" },
  "cron.reconciled": { alias: "cron.reconciled", category: "cron", words: "the scheduler took over its jobs" },
  "cron.changed": { alias: "cron.changed", category: "cron", words: "a job was added, changed, removed or scheduled" },
  "cron.executed": { alias: "cron.executed", category: "cron", words: "a job's execution began" },
  "cron.completed": { alias: "cron.completed", category: "cron", words: "a job's execution ended without an error" },
  "cron.failed": { alias: "cron.failed", category: "cron", words: "a job's execution failed" },
  "skill.changed": { alias: "skill.changed", category: "config", words: "the host created, changed or removed a skill" },
  "proposal.submitted": { alias: "skill.proposal_evaluate", category: "config", words: "a proposed skill is about to be evaluated" },
  "proposal.changed": { alias: "skill.proposal_changed", category: "config", words: "a proposed skill changed its state" },
  "install.requested": { alias: "system.install", category: "system", words: "a plugin or skill is about to be installed" },
  "files.found": { alias: "system.files_found", category: "system", words: "files and settings that stood there when they were watched for the first time" },
  "file.changed": { alias: "system.file_changed", category: "system", words: "a watched file was added, modified or removed" },
  "skill-file.changed": { alias: "config.skill_changed", category: "config", words: "a file of a skill was added, modified or removed" },
  "plugin-file.changed": { alias: "config.plugin_changed", category: "config", words: "a file of an installed plugin was added, modified or removed" },
  "tool-server.changed": { alias: "config.tool_changed", category: "config", words: "a server of tools was added to the configuration, changed or taken out" },
  "workspace-file.changed": {
    alias: "config.workspace_changed",
    category: "config",
    words: "a file that says who an agent is was added, modified or removed",
  },
  "cron-job.changed": { alias: "config.cron_changed", category: "config", words: "a job's definition was added to the host's store, changed or taken out" },
  "diagnostic.reported": { alias: "system.diagnostic", category: "system", words: "the host's diagnostics told something no hook does" },
}

/** Whose content an event carries: the session it belongs to and the person who sent it. Both are labels; the journal stores a random id. */
export type ScopeName = {
  readonly session?: string
  readonly sender?: string
}

/** An event as `capture` and `operations` make it, before the journal gives it a place. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K
    /** Names the thing that happened, from the host's own ids; not trusted to be unique. */
    readonly id: string
    readonly scope?: ScopeName
    readonly facts: CommonFacts & EventFacts[K]
    /** The same as JSON, where who makes it has it. */
    readonly factsText?: string
    readonly content?: JsonObject
  }
}[T]

/** Names that audit trails knew besides: of one hook where there is a type for any hook, and of a hook that today's host no longer has. */
const olderNames: readonly (readonly [name: string, type: EventType])[] = [
  ["system.install_hook_unavailable", "capture.hook-unavailable"],
  ["agent.subagent_spawning", "subagent.spawned"],
]

const typesByAnyName = new Map<string, EventType>([
  ...olderNames,
  ...Object.entries(eventTypes).flatMap(([type, row]): [string, EventType][] => [
    [type, type as EventType],
    [row.alias, type as EventType],
  ]),
])

/** The type a filter means, by its name, its alias or an older name. */
export function eventTypeNamed(name: string): EventType | undefined {
  return typesByAnyName.get(name)
}

/** The category of any type, also of one a newer version wrote. */
const categories: ReadonlySet<string> = new Set(Object.values(eventTypes).map(({ category }) => category))

export function isCategory(name: string): name is Category {
  return categories.has(name)
}

export function categoryOf(type: string): string {
  return type in eventTypes ? eventTypes[type as EventType].category : (type.split(".")[0] ?? type)
}

export type FactsJson = { readonly id: string } & { readonly [key: string]: Json }
