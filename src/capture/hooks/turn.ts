/**
 * The way of a prompt to the model: the places where plugins may answer in its stead, choose the model, add context, and look at the answer once more.
 * The prompt and the answer are content of `prompt.submitted` and `model.responded`; here are their lengths. Every attempt passes again.
 */
import { countOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { countItems, hookRow, pickCommon, type Reading } from "../reading.ts"
import { word } from "../references.ts"
import { lengthOf } from "./lengths.ts"
import { jobOf, runFacts } from "./run-kind.ts"

export const beforeAgentReply = hookRow({
  hook: "before_agent_reply",
  gated: true,
  pick: (event, ctx) => pickTurn(event, ctx, event["cleanedBody"]),
  map: (reading) => [reading.event({ type: "reply.requested", key: [runOf(reading)], facts: turnFacts(reading) })],
})

export const beforeModelResolve = hookRow({
  hook: "before_model_resolve",
  gated: true,
  pick: (event, ctx, memory) => ({
    ...pickTurn(event, ctx, event["prompt"]),
    attachments: countItems(event["attachments"]),
    // Ours, where the ledger is asked which model it is to be: for whom, and whether somebody can be told.
    ...(event["tells"] === undefined ? {} : { payer: memory?.parents.payerOf(ctx["sessionKey"]), channel: ctx["channel"], tells: event["tells"] }),
  }),
  map: (reading) => [
    reading.event({
      type: "prompt.routed",
      key: [runOf(reading)],
      facts: { ...turnFacts(reading), attachments: countOf(reading.picked["attachments"]) },
    }),
  ],
})

export const agentTurnPrepare = hookRow({
  hook: "agent_turn_prepare",
  gated: true,
  pick: (event, ctx) => ({
    ...pickTurn(event, ctx, event["prompt"]),
    history: countItems(event["messages"]),
    injections: countItems(event["queuedInjections"]),
  }),
  map: (reading) => [
    reading.event({
      type: "turn.prepared",
      key: [runOf(reading)],
      facts: { ...turnFacts(reading), historyMessages: historyOf(reading), injections: countOf(reading.picked["injections"]) },
    }),
  ],
})

export const beforePromptBuild = hookRow({
  hook: "before_prompt_build",
  gated: true,
  pick: (event, ctx) => ({ ...pickTurn(event, ctx, event["prompt"]), history: countItems(event["messages"]) }),
  map: (reading) => [reading.event({ type: "prompt.built", key: [runOf(reading)], facts: { ...turnFacts(reading), historyMessages: historyOf(reading) } })],
})

export const heartbeatPromptContribution = hookRow({
  hook: "heartbeat_prompt_contribution",
  pick: (event, ctx) => ({ ...pickTurn(event, ctx, undefined), heartbeat: event["heartbeatName"] }),
  map: (reading) => [
    reading.event({
      type: "heartbeat.prompted",
      key: [runOf(reading)],
      facts: {
        ...runFacts(reading),
        ...modelFacts(reading),
        trigger: word(reading.picked["trigger"]),
        heartbeat: reading.name("heartbeat", reading.picked["heartbeat"]),
      },
    }),
  ],
})

export const beforeAgentFinalize = hookRow({
  hook: "before_agent_finalize",
  gated: true,
  pick: (event, ctx) => ({
    ...pickTurn(event, ctx, undefined),
    provider: event["provider"] ?? ctx["modelProviderId"],
    model: event["model"] ?? ctx["modelId"],
    turn: event["turnId"],
    answerLength: lengthOf(event["lastAssistantMessage"]),
    messages: countItems(event["messages"]),
    revising: event["stopHookActive"],
  }),
  map: (reading) => [
    reading.event({
      type: "answer.drafted",
      key: [runOf(reading), reading.reference("turn", reading.picked["turn"])],
      facts: {
        ...runFacts(reading),
        ...modelFacts(reading),
        answerLength: countOf(reading.picked["answerLength"]) ?? 0,
        messageCount: countOf(reading.picked["messages"]),
        revising: reading.picked["revising"] === true ? true : undefined,
      },
      content: { sessionId: reading.picked["sessionId"] },
    }),
  ],
})

function pickTurn(event: Picked, ctx: Picked, prompt: unknown): Picked {
  return {
    ...pickCommon(event, ctx),
    job: jobOf(ctx),
    provider: ctx["modelProviderId"],
    model: ctx["modelId"],
    trigger: ctx["trigger"],
    promptLength: lengthOf(prompt),
  }
}

function turnFacts(reading: Reading) {
  return {
    ...runFacts(reading),
    ...modelFacts(reading),
    trigger: word(reading.picked["trigger"]),
    job: reading.reference("job", reading.picked["job"]),
    promptLength: countOf(reading.picked["promptLength"]) ?? 0,
  }
}

function modelFacts(reading: Reading) {
  return { provider: reading.name("provider", reading.picked["provider"]), model: reading.name("model", reading.picked["model"]) }
}

function historyOf(reading: Reading): number {
  return countOf(reading.picked["history"]) ?? 0
}

function runOf(reading: Reading): string | undefined {
  return reading.reference("run", reading.picked["run"])
}
