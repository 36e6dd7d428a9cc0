/** One sentence on an entry, from its facts alone: what happened, without anything a person wrote. */
import { objectOf, type JsonObject } from "../base/json.ts"
import { eventTypes, type EventType } from "./event.ts"
import { usd } from "../base/money.ts"

type Describe = (facts: JsonObject) => string

const text = (value: unknown, otherwise = "?"): string => (typeof value === "string" || typeof value === "number" ? String(value) : otherwise)
const model = (facts: JsonObject): string => `${text(facts["provider"])}/${text(facts["model"])}`
const took = (facts: JsonObject): string => (typeof facts["durationMs"] === "number" ? ` in ${facts["durationMs"]} ms` : "")
const times = ({ count }: JsonObject): string => (count === 1 ? "" : ` (${text(count)} times)`)
const tokens = (facts: JsonObject): string => {
  const parts = (["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"] as const).flatMap((name) =>
    typeof facts[name] === "number" && facts[name] > 0
      ? [`${facts[name]} ${name.replace("Tokens", "").replace("cacheRead", "cached").replace("cacheWrite", "cache-written")}`]
      : [],
  )
  const nanos = facts["reportedNanos"]
  const cost = typeof nanos === "string" && /^\d{1,30}$/.test(nanos) ? `, ${usd(BigInt(nanos))}` : ""
  return parts.length === 0 ? "no usage told" : `${parts.join(" + ")} tokens${cost}`
}

/** The amounts of all movements together, in the order in which they are written. */
const movedWords = (facts: JsonObject): string => {
  const sums = new Map<string, bigint>()
  for (const movement of Array.isArray(facts["movements"]) ? facts["movements"] : []) {
    for (const [unit, amount] of Object.entries(objectOf(objectOf(movement)["amounts"]))) {
      if (/^[A-Za-z]+$/.test(unit) && typeof amount === "string" && /^\d{1,30}$/.test(amount)) sums.set(unit, (sums.get(unit) ?? 0n) + BigInt(amount))
    }
  }
  const counted = (unit: string, amount: bigint): string => `${amount} ${amount === 1n && /^(?:calls|tokens)$/.test(unit) ? unit.slice(0, -1) : unit}`
  const words = [...sums].filter(([, amount]) => amount > 0n).map(([unit, amount]) => (unit === "moneyNanos" ? usd(amount) : counted(unit, amount)))
  return words.length === 0 ? "nothing" : words.join(", ")
}

const sentences: Partial<Record<EventType, Describe>> = {
  "journal.opened": (facts) => `journal of format ${text(facts["format"])}, signed by ${text(facts["origin"])}`,
  "signer.replaced": (facts) => `signing key handed over to ${text(facts["nextKey"])} over ${text(facts["size"])} entries`,
  "master.replaced": (facts) => `master key ${text(facts["previousFingerprint"])} gave its place to ${text(facts["nextFingerprint"])}`,
  "journal.closed": (facts) =>
    `${text(facts["removedEntries"])} entries and ${text(facts["removedContents"])} contents removed (${text(facts["reason"])}); kept from #${text(facts["upTo"])} on`,
  "map.committed": (facts) => `root of the map of ${text(facts["keys"])} event ids, over ${text(facts["size"])} entries`,
  "vault.rekeyed": (facts) => `all data sealed anew, ${text(facts["size"])} entries`,
  "content.erased": (facts) => `contents of ${text(facts["by"])} ${text(facts["who"])} erased (${text(facts["scopes"])} scopes)`,
  "erasure.repeated": (facts) => `contents erased again (${text(facts["scopes"])} scopes): their keys had been put back`,
  "legal-hold.placed": (facts) => `legal hold ${text(facts["hold"])} on ${text(facts["by"])} ${text(facts["who"])}`,
  "legal-hold.lifted": (facts) => `legal hold ${text(facts["hold"])} on ${text(facts["by"])} ${text(facts["who"])} lifted`,
  "writer.started": (facts) => `writer ${text(facts["version"])} took the ledger${facts["clean"] === false ? " after one that did not stop cleanly" : ""}`,
  "writer.stopped": (facts) => `writer let go of the ledger: ${text(facts["reason"])}`,
  "config.loaded": (facts) => `${text(facts["guardedPatterns"])} guarded and ${text(facts["deniedPatterns"])} denied tool patterns`,
  "capture.gap": (facts) => `${facts["uncounted"] === true ? "at least " : ""}${text(facts["count"])} events not recorded: ${text(facts["reason"])}`,
  "capture.hook-unavailable": (facts) => `hook ${text(facts["hook"])} could not be registered`,
  "guard.disabled": (facts) => `the plugin was switched off: ${text(facts["reason"])}`,
  "guard.touched": (facts) => `${text(facts["tool"])} reached for the ${text(facts["what"])}, to ${text(facts["access"])} it`,
  "finding.recorded": (facts) => `${text(facts["severity"])} finding ${text(facts["check"])} (${text(facts["category"])}), in ${text(facts["tool"], "a text")}`,
  "anomaly.found": (facts) => `${text(facts["detector"])}: ${text(facts["found"])}`,
  "ledger.reconciled": (facts) => `${text(facts["postings"])} postings counted again, ${text(facts["violations"])} violations`,
  "witness.disagreed": (facts) =>
    `witness ${text(facts["witness"])} ${facts["finding"] === "ahead" ? "knows a longer ledger" : "cosigned another history"}: ${text(facts["seenSize"])} entries; ${text(facts["size"])} stand here`,
  "checkpoint.anchored": (facts) => `${text(facts["size"])} entries anchored by ${text(facts["authority"])}, number ${text(facts["number"])}`,
  "anchor.paid": (facts) => `${text(facts["amount"])} of ${text(facts["asset"])} paid for ${text(facts["authority"])} to ${text(facts["payTo"])}`,
  "anchor.rejected": (facts) => `${text(facts["authority"])} gave a false anchor for ${text(facts["size"])} entries: ${text(facts["why"])}`,
  "transfer.posted": (facts) => `${text(facts["kind"])} of ${movedWords(facts)}`,
  "hold.placed": (facts) => `${movedWords(facts)} held`,
  "hold.consumed": (facts) => `what hold ${text(facts["hold"])} was placed for began`,
  "hold.settled": (facts) =>
    `hold ${text(facts["hold"])} came to ${movedWords(facts)} (${text(facts["grade"])})${facts["over"] === undefined ? "" : ", above what was held"}`,
  "hold.released": (facts) => `hold ${text(facts["hold"])} given back: ${text(facts["reason"])}`,
  "hold.expired": (facts) => `hold ${text(facts["hold"])} expired`,
  "spend.refused": (facts) =>
    `${text(facts["door"])} refused: ${text(facts["why"])}${typeof facts["budget"] === "string" ? ` (budget ${facts["budget"]})` : ""}`,
  "call.stopped": (facts) => `call to ${model(facts)} ${facts["stopped"] === true ? "stopped before it left" : "could not be stopped"}: ${text(facts["why"])}`,
  "budget.set": (facts) => `budget ${text(objectOf(facts["rule"])["name"])} in force`,
  "budget.removed": (facts) => `budget ${text(facts["budget"])} removed`,
  "budget.opened": (facts) => `budget ${text(facts["budget"])}: a new period`,
  "budget.warned": (facts) => `budget ${text(facts["budget"])}: ${text(facts["levelPercent"])} % spent`,
  "allowance.set": (facts) => `allowance ${text(objectOf(facts["rule"])["name"])} in force`,
  "allowance.removed": (facts) => `allowance ${text(facts["allowance"])} removed`,
  "allowance.opened": (facts) =>
    `allowance ${text(facts["allowance"])}: a new period${facts["short"] === undefined ? "" : ", less than its quota"}${facts["waits"] === true ? ", waiting for what is frozen" : ""}`,
  "window.reported": (facts) =>
    `window ${text(facts["label"])} of ${text(facts["provider"])} used to ${text(facts["usedMillipercent"])} thousandths of a percent`,
  "budget.frozen": (facts) => `budget ${text(facts["budget"])} frozen: ${text(facts["reason"])}`,
  "budget.unfrozen": (facts) => `budget ${text(facts["budget"])} unfrozen: ${text(facts["reason"])}`,
  "account.frozen": (facts) => `${text(facts["account"])} frozen: ${text(facts["reason"])}`,
  "account.unfrozen": (facts) => `${text(facts["account"])} unfrozen: ${text(facts["reason"])}`,
  "ledger.frozen": (facts) => `all spending frozen: ${text(facts["reason"])}`,
  "ledger.unfrozen": (facts) => `spending unfrozen: ${text(facts["reason"])}`,
  "ledger.restored": (facts) =>
    facts["by"] === "restore"
      ? `ledger put back from a backup of ${text(facts["size"])} entries; ${text(facts["seenSize"])} are known of`
      : `ledger put back from a copy, or a fork: a ${text(facts["by"])} knows ${text(facts["seenSize"])} entries; ${text(facts["size"])} stood here`,
  "clock.jumped": (facts) => `wall clock ${text(facts["aheadMs"])} ms ahead of ledger time, which goes on without it`,
  "clock.accepted": (facts) => `ledger time set to the wall clock, ${text(facts["aheadMs"])} ms ahead of it: ${text(facts["by"])}`,
  "extension.asked": (facts) => `extension ${text(facts["extension"])} asked for, at the ${text(facts["door"])} door`,
  "extension.granted": (facts) => `extension ${text(facts["extension"])} granted: ${text(facts["reason"])}`,
  "extension.denied": (facts) => `extension ${text(facts["extension"])} denied: ${text(facts["reason"])}`,
  "extension.expired": (facts) => `extension ${text(facts["extension"])} expired`,
  "breaker.set": (facts) => `breakers set: ${text(facts["mode"])}`,
  "breaker.tripped": (facts) =>
    `breaker ${text(facts["breaker"])} ${facts["mode"] === "block" ? "cut off" : "tells of"} ${text(facts["cut"])}: ${text(facts["counted"])} ${text(facts["unit"])}, threshold ${text(facts["threshold"])}`,
  "breaker.reset": (facts) => `breaker reset for ${text(facts["cut"])}: ${text(facts["reason"])}`,
  "model.downgraded": (facts) =>
    `run downgraded from ${text(facts["from"])} to ${text(facts["to"])}: budget ${text(facts["budget"])} used to ${text(facts["usedPercent"])} %`,
  "prices.loaded": (facts) => `prices: ${text(facts["overrides"])} overrides, ${text(facts["hostModels"])} models of the host, ${text(facts["library"])}`,
  "prices.doubted": (facts) =>
    `${text(facts["rate"])} rate of ${text(facts["model"])}: ${text(facts["found"])} nano-dollars per million tokens, ${facts["finding"] === "fell" ? "it was" : "published is"} ${text(facts["expected"])}`,
  "operator.credential-set": (facts) => (facts["verifier"] === "" ? "operator's credential taken away" : "operator's credential set"),
  "receipts.begun": (facts) => `actions have receipts from here on, with ${text(facts["digests"])} digests`,
  "receipts.ended": (facts) => `no receipts from entry #${text(facts["upTo"])} on; ${text(facts["number"])} were issued`,
  "receipt.issued": (facts) => `receipt ${text(facts["number"])} of entry #${text(facts["of"])}`,
  "receipts.halted": (facts) => `receipts stopped after ${text(facts["number"])}: the chain is broken (${text(facts["problem"])})`,
  "receipt-key.revoked": (facts) => `key of receipts ${text(facts["kid"])} revoked: ${text(facts["reason"])}`,
  "alerts.begun": (facts) => `alerts go to ${text(facts["receivers"])} receivers from here on`,
  "alerts.ended": (facts) => `no alerts any more; ${text(facts["waiting"])} that waited are told to nobody`,
  "alert.raised": (facts) => `${text(facts["severity"])}: ${text(facts["words"])}${times(facts)}`,
  "alert.held": (facts) => `held for ${text(facts["why"])}: ${text(facts["words"])}${times(facts)}`,
  "alert.delivered": (facts) => `alert ${text(facts["alert"])} taken by ${text(facts["receiver"])}, attempt ${text(facts["attempt"])}`,
  "alert.failed": (facts) => `alert ${text(facts["alert"])} not taken by ${text(facts["receiver"])}, attempt ${text(facts["attempt"])}: ${text(facts["why"])}`,
  "alert.given-up": (facts) =>
    `alert ${text(facts["alert"])} did not reach ${text(facts["receiver"])} in ${text(facts["attempts"])} attempts: ${text(facts["why"])}`,
  "change.refused": (facts) => `${text(facts["change"])} refused: ${text(facts["why"])}`,
  "gateway.started": (facts) => `gateway up on port ${text(facts["port"])}`,
  "quota.sampled": (facts) => `plan of ${text(facts["provider"])} looked at`,
  "gateway.stopped": (facts) => `gateway stopping: ${text(facts["reason"])}`,
  "session.started": (facts) => (facts["resumed"] === true ? "session resumed" : "session began"),
  "session.reset": (facts) => `session about to be reset: ${text(facts["reason"])}, ${text(facts["messageCount"], "0")} messages`,
  "session.ended": (facts) => `session ended: ${text(facts["reason"])}, ${text(facts["messageCount"], "0")} messages`,
  "compaction.started": (facts) => `history of ${text(facts["messageCount"], "0")} messages about to be compacted`,
  "compaction.ended": (facts) => `history compacted to ${text(facts["messageCount"], "0")} messages`,
  "reply.requested": (facts) => `answer wanted to ${text(facts["promptLength"], "0")} characters, asked by ${text(facts["trigger"])}`,
  "prompt.routed": (facts) => `prompt of ${text(facts["promptLength"], "0")} characters about to get its model`,
  "turn.prepared": (facts) => `turn prepared with ${text(facts["historyMessages"], "0")} earlier messages`,
  "prompt.built": (facts) => `prompt of ${text(facts["promptLength"], "0")} characters built on ${text(facts["historyMessages"], "0")} earlier messages`,
  "heartbeat.prompted": (facts) => `prompt of heartbeat ${text(facts["heartbeat"])} built`,
  "run.started": (facts) => `run on ${model(facts)}, started by ${text(facts["trigger"])}, prompt of ${text(facts["promptLength"], "0")} characters`,
  "run.progressed": (facts) => `run: ${text(facts["stream"])} ${text(facts["phase"])}${facts["aborted"] === true ? ", aborted" : ""}${took(facts)}`,
  "answer.drafted": (facts) => `answer of ${text(facts["answerLength"], "0")} characters ready for a last look`,
  "run.ended": (facts) => `run ${facts["success"] === true ? "succeeded" : "failed"}${took(facts)}`,
  "prompt.submitted": (facts) =>
    `prompt of ${text(facts["promptLength"], "0")} characters and ${text(facts["historyMessages"], "0")} earlier messages to ${model(facts)}`,
  "prompt.exceeded": (facts) => `prompt of ${text(facts["totalLength"], "0")} characters to ${model(facts)}, more than ${text(facts["threshold"], "0")}`,
  "model.responded": (facts) => `${model(facts)} answered ${text(facts["answerLength"], "0")} characters; ${tokens(facts)}`,
  "model.called": (facts) => `request to ${model(facts)}`,
  "model.returned": (facts) => `${model(facts)} ${text(facts["outcome"], "returned")}${took(facts)}`,
  "usage.reported": (facts) => `${model(facts)}: ${facts["ours"] === true ? "not asked, our words in the place of an answer" : tokens(facts)}`,
  "usage.imported": (facts) => `${text(facts["count"])} model calls, read from what the host stored`,
  "history.read": (facts) =>
    `${text(facts["kind"])} of the host read: ${text(facts["rows"])} model calls, ${text(facts["unreadable"])} rows that cannot be read`,
  "tool.invoked": (facts) =>
    `${text(facts["tool"])} asked for: ${facts["verdict"] === "deny" ? `denied by ${text(facts["rule"])}` : facts["guarded"] === true ? "recorded first, then allowed" : "allowed"}`,
  "tool.returned": (facts) =>
    `${text(facts["tool"])} ${facts["failed"] === true ? "failed" : "returned"} ${text(facts["resultBytes"], "0")} bytes${took(facts)}`,
  "tool.denied": (facts) => `${text(facts["tool"])} was refused (${text(facts["deniedBy"], "by the host")})`,
  "tool.persisted": (facts) => `result of ${text(facts["tool"])}, ${text(facts["resultLength"], "0")} characters, about to enter the transcript`,
  "approval.resolved": (facts) =>
    `approval for ${text(facts["tool"], "something")} ${text(facts["status"])}${typeof facts["resolver"] === "string" ? ` by ${facts["resolver"]}` : ""}`,
  "exec.prepared": (facts) => `environment for ${text(facts["tool"])} on ${text(facts["host"])}`,
  "message.received": (facts) => `${text(facts["length"], "0")} characters came in on ${text(facts["channel"])}`,
  "message.claimed": (facts) => `${text(facts["length"], "0")} characters came in on ${text(facts["channel"])} for a plugin`,
  "message.dispatched": (facts) => `${text(facts["length"], "0")} characters from ${text(facts["channel"])} about to go to an agent`,
  "pairing.requested": (facts) => `somebody unknown asked ${text(facts["channel"])} to be let in`,
  "reply.dispatched": (facts) => `answer to ${text(facts["length"], "0")} characters from ${text(facts["channel"])} about to be made`,
  "reply.offered": (facts) => `${text(facts["part"], "part")} answer of ${text(facts["length"], "0")} characters for ${text(facts["channel"])}`,
  "message.offered": (facts) => `${text(facts["length"], "0")} characters about to leave on ${text(facts["channel"])}`,
  "message.sent": (facts) => `${text(facts["length"], "0")} characters ${facts["success"] === true ? "left" : "failed to leave"} on ${text(facts["channel"])}`,
  "outbound.requested": (facts) => `an answer was asked for on ${text(facts["channel"])}: up to ${text(facts["uses"])} messages may leave`,
  "outbound.armed": (facts) => `up to ${text(facts["uses"])} messages may leave on ${text(facts["channel"])}, by an operator`,
  "outbound.disarmed": (facts) => `nothing more may leave to a protected recipient on ${text(facts["channel"])}`,
  "outbound.allowed": (facts) =>
    `a message may leave on ${text(facts["channel"])}, ${text(facts["usesLeft"], "0")} more after it${facts["recovered"] === true ? " (late answer to what was asked)" : ""}`,
  "outbound.refused": (facts) => `a message on ${text(facts["channel"])} did not leave (${text(facts["why"])})`,
  "outbound.stripped": (facts) =>
    `something was taken out of a message on ${text(facts["channel"])}${facts["emptied"] === true ? ", and nothing was left of it" : ""}`,
  "outbound.missed": (facts) => `what was asked on ${text(facts["channel"])} was not answered in time`,
  "outbound.told": (facts) => `a message to a protected recipient ${facts["success"] === true ? "left" : "failed to leave"} on ${text(facts["channel"])}`,
  "orchestrator.requested": (facts) => `${text(facts["role"])} about to be started`,
  "orchestrator.filled": (facts) => `${text(facts["tool"])} addressed to who is bound`,
  "orchestrator.refused": (facts) => `${text(facts["tool"])} refused to ${text(facts["role"])} (${text(facts["why"])})`,
  "orchestrator.passed": (facts) => `${text(facts["tool"])} let go on in an orchestrator's session, at attempt ${text(facts["attempt"])}`,
  "orchestrator.failed": (facts) => `${text(facts["role"])} not started (${text(facts["why"])})`,
  "orchestrator.bound": () => "orchestrator bound",
  "orchestrator.unbound": (facts) => `orchestrator unbound (${text(facts["why"])})`,
  "orchestrator.joined": () => "worker started",
  "orchestrator.ended": (facts) => `run of ${text(facts["role"])} ended: ${text(facts["outcome"])}`,
  "orchestrator.retried": (facts) => `failed work (${text(facts["outcome"])}) to be given out again, ${text(facts["attempt"])} of ${text(facts["most"])}`,
  "orchestrator.exhausted": (facts) => `failed work (${text(facts["outcome"])}) not given out again, after ${text(facts["attempts"])} times`,
  "orchestrator.told": (facts) => `a session ${facts["success"] === true ? "was told" : "could not be told"} to give work out again`,
  "message.written": (facts) => `${text(facts["role"])} row of ${text(facts["length"], "0")} characters about to enter the transcript`,
  "subagent.spawned": (facts) => `subagent on ${model(facts)} for this run`,
  "subagent.progressed": (facts) => `subagent ${text(facts["phase"])}`,
  "subagent.routed": () => "way of a subagent's answer asked",
  "subagent.ended": (facts) => `subagent ended: ${text(facts["outcome"])}`,
  "cron.reconciled": (facts) => `scheduler took over at ${text(facts["reason"])}: ${facts["enabled"] === true ? "on" : "off"}`,
  "cron.changed": (facts) => `job ${text(facts["job"])} ${text(facts["action"])}`,
  "cron.executed": (facts) => `job ${text(facts["job"])} runs`,
  "cron.completed": (facts) => `job ${text(facts["job"])} ended: ${text(facts["status"])}${took(facts)}`,
  "cron.failed": (facts) => `job ${text(facts["job"])} failed${took(facts)}`,
  "skill.changed": (facts) => `skill ${text(facts["skill"])} ${text(facts["action"], "changed")}`,
  "proposal.submitted": (facts) => `proposed skill of ${text(facts["fileCount"], "0")} files about to be evaluated: ${text(facts["reason"])}`,
  "proposal.changed": (facts) => `proposed skill ${text(facts["action"], "changed")}`,
  "files.found": (facts) => `${text(facts["count"])} files found that are watched from now on`,
  "file.changed": (facts) => `watched file ${text(facts["path"])} ${text(facts["change"])}`,
  "skill-file.changed": (facts) => `file of skill ${text(facts["name"])} ${text(facts["change"])}`,
  "plugin-file.changed": (facts) => `file of plugin ${text(facts["name"])} ${text(facts["change"])}`,
  "tool-server.changed": (facts) => `tool server ${text(facts["name"])} ${text(facts["change"])}`,
  "workspace-file.changed": (facts) => `${text(facts["name"])} ${text(facts["change"])}`,
  "cron-job.changed": (facts) => `job ${text(facts["name"])} ${text(facts["change"])}`,
  "install.requested": (facts) =>
    `${text(facts["mode"], "install")} of ${text(facts["kind"])} ${text(facts["target"])}, scan ${text(facts["scan"], "not told")}`,
  "diagnostic.reported": (facts) => `${text(facts["kind"])} ${text(facts["outcome"], "reported")}${took(facts)}`,
}

export const unknownEventWords = "an event of a newer version"

/** The sentence of a type never changes: every exported row carries it, and verifiers of every age compute it again (docs/spec/export.md). */
export function describe(type: string, facts: JsonObject): string {
  const sentence = sentences[type as EventType]
  if (sentence) return sentence(facts)
  return type in eventTypes ? eventTypes[type as EventType].words : unknownEventWords
}
