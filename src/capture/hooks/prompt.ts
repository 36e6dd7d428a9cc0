/**
 * What went to the model and what came back, once for each attempt of a run.
 * Of the system prompt only the length is taken: it is the host's text, tens of kilobytes long and different on every turn.
 */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import { tokensOf } from "../measures.ts"
import type { NewEvent } from "../../format/event.ts"
import { countItems, hookRow, pickCommon, type Reading } from "../reading.ts"
import { word } from "../references.ts"
import { runFacts } from "./run-kind.ts"

export const llmInput = hookRow({
  hook: "llm_input",
  gated: true,
  pick: (event, ctx, memory) => ({
    ...pickCommon(event, ctx),
    trigger: ctx["trigger"],
    provider: event["provider"],
    model: event["model"],
    history: countItems(event["historyMessages"]),
    images: event["imagesCount"],
    tools: countItems(event["tools"]),
    systemLength: typeof event["systemPrompt"] === "string" ? event["systemPrompt"].length : undefined,
    prompt: event["prompt"],
    large: memory?.promptSizes?.large(stringOf(ctx["sessionKey"] ?? event["sessionKey"] ?? ctx["sessionId"]) ?? "", event),
  }),
  map: (reading) => {
    const { picked } = reading
    return [
      ...(picked["large"] === undefined ? [] : [exceeded(reading, objectOf(picked["large"]))]),
      reading.event({
        type: "prompt.submitted",
        key: [reading.reference("run", picked["run"])],
        facts: {
          ...runFacts(reading),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          promptLength: reading.length(picked["prompt"]),
          systemLength: countOf(picked["systemLength"]),
          historyMessages: countOf(picked["history"]) ?? 0,
          images: countOf(picked["images"]),
          tools: countOf(picked["tools"]),
        },
        content: { prompt: picked["prompt"] },
      }),
    ]
  },
})

/** A warning of its own, with where it comes from. */
function exceeded(reading: Reading, { history, threshold, system, prompt }: Readonly<Record<string, unknown>>): NewEvent {
  const { picked } = reading
  const [promptLength, systemLength, historyLength] = [reading.length(picked["prompt"]), countOf(picked["systemLength"]) ?? 0, countOf(history) ?? 0]
  return reading.event({
    type: "prompt.exceeded",
    key: [reading.reference("run", picked["run"])],
    facts: {
      ...runFacts(reading),
      provider: reading.name("provider", picked["provider"]),
      model: reading.name("model", picked["model"]),
      ...{ promptLength, systemLength, historyLength, totalLength: promptLength + systemLength + historyLength },
      historyMessages: countOf(picked["history"]) ?? 0,
      threshold: countOf(threshold) ?? 0,
    },
    content: { prompt: stringOf(prompt) ?? "", systemPrompt: stringOf(system) ?? "" },
  })
}

export const llmOutput = hookRow({
  hook: "llm_output",
  gated: true,
  pick: (event, ctx) => {
    const last = objectOf(event["lastAssistant"])
    return {
      ...pickCommon(event, ctx),
      trigger: ctx["trigger"],
      provider: event["provider"],
      model: event["model"],
      response: last["responseId"],
      stopReason: last["stopReason"],
      usage: event["usage"],
      answer: event["assistantTexts"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const response = reading.reference("response", picked["response"])
    const answer = picked["answer"]
    return [
      reading.event({
        type: "model.responded",
        key: [reading.reference("run", picked["run"]), response],
        facts: {
          ...runFacts(reading),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          response,
          stopReason: word(picked["stopReason"]),
          answerLength: Array.isArray(answer) ? answer.reduce((sum: number, text: unknown) => sum + reading.length(text), 0) : reading.length(answer),
          ...tokensOf(picked["usage"]),
        },
        content: { answer },
      }),
    ]
  },
})
