/**
 * What went to the model and what came back, once for each attempt of a run.
 * Of the system prompt only the length is taken: it is the host's text, tens of kilobytes long and different on every turn.
 */
import { countOf, objectOf } from "../../base/json.ts"
import { tokensOf } from "../measures.ts"
import { countItems, hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"
import { runFacts } from "./run-kind.ts"

export const llmInput = hookRow({
  hook: "llm_input",
  gated: true,
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    trigger: ctx["trigger"],
    provider: event["provider"],
    model: event["model"],
    history: countItems(event["historyMessages"]),
    images: event["imagesCount"],
    tools: countItems(event["tools"]),
    systemLength: typeof event["systemPrompt"] === "string" ? event["systemPrompt"].length : undefined,
    prompt: event["prompt"],
  }),
  map: (reading) => {
    const { picked } = reading
    return [
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
