/**
 * Skills: changed on disk by the host, proposed by its workshop, and a proposal on its way. What a proposal is called is an agent's word until somebody
 * accepts it, so it is content; of its files the first is kept, of the others path, size and hash.
 */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { countItems, hookRow } from "../reading.ts"
import { listed, sha256Hex } from "./closed-list.ts"

/** A skill has a handful of files. */
const mostFiles = 200
const changes = ["create", "update"]

export const skillChanged = hookRow({
  hook: "skill_changed",
  pick: (event, ctx) => {
    const before = objectOf(event["before"])
    const after = objectOf(event["after"])
    const now = event["after"] === undefined ? before : after
    return {
      agent: ctx["agentId"],
      skill: now["skillKey"] ?? now["name"],
      action: event["action"],
      origin: event["source"],
      proposal: objectOf(event["proposal"])["id"],
      treeSha256: objectOf(after["revision"])["treeSha256"],
      occurredAt: event["occurredAt"],
      before: event["before"],
      after: event["after"],
      workspace: ctx["workspaceDir"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const skill = reading.name("skill", picked["skill"])
    return [
      reading.event({
        type: "skill.changed",
        key: [skill, reading.call.atMs],
        facts: {
          action: listed(picked["action"], ["created", "updated", "removed"]),
          origin: listed(picked["origin"], ["workshop", "clawhub", "source-install", "upload"]),
          skill,
          treeSha256: sha256Hex(picked["treeSha256"]),
          proposal: reading.reference("proposal", picked["proposal"]),
        },
        content: { before: picked["before"], after: picked["after"], occurredAt: picked["occurredAt"], workspace: picked["workspace"] },
      }),
    ]
  },
})

export const skillProposalEvaluate = hookRow({
  hook: "skill_proposal_evaluate",
  pick: (event, ctx) => {
    const proposal = objectOf(event["proposal"])
    const candidate = objectOf(event["candidate"])
    const skillFile = objectOf(candidate["skillMd"])
    const files = Array.isArray(candidate["files"]) ? candidate["files"].slice(0, mostFiles).map(fileOf) : []
    return {
      agent: ctx["agentId"],
      proposal: proposal["id"],
      revisionSha256: proposal["revisionSha256"],
      treeSha256: candidate["treeSha256"],
      change: proposal["kind"],
      reason: event["reason"],
      fileCount: (countItems(candidate["files"]) ?? 0) + (candidate["skillMd"] === undefined ? 0 : 1),
      sizeBytes: files.reduce((sum, file) => sum + (countOf(file["sizeBytes"]) ?? 0), countOf(skillFile["sizeBytes"]) ?? 0),
      baselineSha256: objectOf(event["baseline"])["treeSha256"],
      correlation: event["correlationId"],
      revision: proposal["revision"],
      skill: event["skill"],
      workspace: ctx["workspaceDir"],
      files,
      text: skillFile["content"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const proposal = reading.reference("proposal", picked["proposal"])
    const revisionSha256 = sha256Hex(picked["revisionSha256"])
    return [
      reading.event({
        type: "proposal.submitted",
        key: [proposal, revisionSha256 ?? reading.call.atMs],
        facts: {
          proposal,
          change: listed(picked["change"], changes),
          reason: listed(picked["reason"], ["created", "revised", "manual", "apply"]),
          fileCount: countOf(picked["fileCount"]) ?? 0,
          sizeBytes: countOf(picked["sizeBytes"]) ?? 0,
          treeSha256: sha256Hex(picked["treeSha256"]),
          revisionSha256,
        },
        content: {
          correlation: picked["correlation"],
          revision: picked["revision"],
          baselineSha256: picked["baselineSha256"],
          skill: picked["skill"],
          workspace: picked["workspace"],
          files: picked["files"],
          text: picked["text"],
        },
      }),
    ]
  },
})

export const skillProposalChanged = hookRow({
  hook: "skill_proposal_changed",
  pick: (event, ctx) => {
    const proposal = objectOf(event["proposal"])
    return {
      agent: ctx["agentId"],
      change: event["eventId"],
      proposal: proposal["id"],
      action: event["action"],
      kind: proposal["kind"],
      status: proposal["status"],
      revisionSha256: proposal["revisionSha256"],
      evaluationCount: countItems(event["evaluations"]),
      occurredAt: event["occurredAt"],
      correlation: event["correlationId"],
      revision: proposal["revision"],
      skill: proposal["skillName"],
      skillKey: proposal["skillKey"],
      file: proposal["skillFile"],
      origin: proposal["source"],
      evaluations: event["evaluations"],
      workspace: ctx["workspaceDir"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const proposal = reading.reference("proposal", picked["proposal"])
    return [
      reading.event({
        type: "proposal.changed",
        key: [proposal, reading.reference("change", picked["change"]) ?? reading.call.atMs],
        facts: {
          proposal,
          action: listed(picked["action"], ["created", "revised", "evaluation_completed", "applied", "rejected", "quarantined", "stale"]),
          status: listed(picked["status"], ["pending", "applied", "rejected", "quarantined", "stale"]),
          change: listed(picked["kind"], changes),
          revisionSha256: sha256Hex(picked["revisionSha256"]),
          evaluations: countOf(picked["evaluationCount"]),
        },
        content: {
          occurredAt: picked["occurredAt"],
          correlation: picked["correlation"],
          revision: picked["revision"],
          skill: picked["skill"],
          skillKey: picked["skillKey"],
          file: picked["file"],
          origin: stringOf(picked["origin"]),
          evaluations: picked["evaluations"],
          workspace: picked["workspace"],
        },
      }),
    ]
  },
})

function fileOf(value: unknown): Picked {
  const file = objectOf(value)
  return { path: file["path"], sizeBytes: file["sizeBytes"], sha256: file["sha256"] }
}
