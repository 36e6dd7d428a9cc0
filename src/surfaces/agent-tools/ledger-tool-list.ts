/** Tools of agents that ask the ledger about their own session: rows of `tool-list.ts`. None of them changes anything. */
import type { ToolRow } from "./tool-list.ts"

export const mostProofCharacters = 64 * 1024
const page = {
  limit: { type: "integer", description: "Most results (default: 100, at most 500)" },
  offset: { type: "integer", description: "Leave out that many of the newest" },
} as const

export const ledgerTools = [
  {
    name: "ledger.status",
    title: "The record of this session",
    description: "How much of this session is on record in the ledger, since when, and up to which signed checkpoint",
    parameters: { type: "object", properties: {} },
    writes: false,
  },
  {
    name: "ledger.spend",
    title: "What this session spent",
    description: "Tokens and cost of this session, and what is left on its agent's account",
    parameters: { type: "object", properties: { since: { type: "string", description: "Only from this RFC 3339 time on" } } },
    writes: false,
  },
  {
    name: "ledger.root",
    title: "Root of the map of events",
    description: "The root of the map of event ids, now and as it stands on record",
    parameters: { type: "object", properties: {} },
    writes: false,
  },
  {
    name: "ledger.trees",
    title: "Maps of events",
    description: "The maps of event ids that the ledger has, with how many ids and entries",
    parameters: { type: "object", properties: {} },
    writes: false,
  },
  {
    name: "ledger.proof",
    title: "Prove an event of this session",
    description: "A proof that an event of this session stands in the ledger, for ledger.verify or whoever has the ledger",
    parameters: { type: "object", properties: { event_id: { type: "string", description: "Whole id, as ledger.chain lists it" } }, required: ["event_id"] },
    writes: false,
  },
  {
    name: "ledger.verify",
    title: "Check a proof",
    description: "Whether a proof from the map of events is right, and its root on record in this ledger",
    parameters: {
      type: "object",
      properties: { proof: { type: "string", description: "The proof, as JSON text", maxLength: mostProofCharacters } },
      required: ["proof"],
    },
    writes: false,
  },
  {
    name: "ledger.chain",
    title: "Entries of this session",
    description: "This session's entries, newest first: number, time, type, id and hash, no contents",
    parameters: { type: "object", properties: page },
    writes: false,
  },
  {
    name: "ledger.anchors",
    title: "Anchors of the ledger",
    description: "Whether third parties confirm the ledger's checkpoints: configured, misconfigured or not configured, and what to do",
    parameters: { type: "object", properties: {} },
    writes: false,
  },
] as const satisfies readonly ToolRow<string>[]
